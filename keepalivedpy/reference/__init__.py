"""The reference of the configuration files, made from the rows that read them."""
