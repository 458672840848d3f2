"""What a process of Celery does besides tasks: its life, its sign of life, its end."""
