"""How good a method is: measures, damage, tables; judges, and changes nothing."""
