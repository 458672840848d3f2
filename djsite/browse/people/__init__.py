"""The pages about people: all of them for administrators, and one's own."""
