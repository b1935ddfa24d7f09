"""Where text comes from: files, folders, archives, tables, addresses."""
