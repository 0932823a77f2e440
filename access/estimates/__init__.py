"""What a plan would leave of the real rows, counted before anybody decides."""
