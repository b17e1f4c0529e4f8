"""Teaches Sitwell from mixed songs: data sets, labels, models; never imported by the product."""
