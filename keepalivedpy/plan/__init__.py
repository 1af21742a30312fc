"""What a reload would do: two configurations compared, before anything happens."""
