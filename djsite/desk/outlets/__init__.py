"""Data that goes out by itself: what people may ask for, and what they are shown. Secrets never come out."""
