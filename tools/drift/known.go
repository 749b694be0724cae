package main

// known has the differences between the catalogue and the package that stay, by
// their subject, each with the reason. One that is not found any more is an error.
var known = map[string]string{}
