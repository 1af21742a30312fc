"""What virtual servers mean in the core, and how the core is brought there."""
