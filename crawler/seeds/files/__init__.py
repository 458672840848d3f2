"""Seeds as a file that people keep beside their code: YAML, checked as everything that is said of a seed."""
