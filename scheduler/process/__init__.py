"""What a process of Celery does besides tasks: sessions, signs of life, its parent, its loop, its end."""
