"""What must last and stay secret: database and migrations, sealing, keys, team directory, audit."""
