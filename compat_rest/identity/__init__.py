"""Who calls: credentials that the old servers issued, recognised in each scheme's own style."""
