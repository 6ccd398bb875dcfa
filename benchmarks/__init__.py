"""Measures this server and its peers on one MongoDB, one data set and one machine."""
