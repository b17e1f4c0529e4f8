// Binding: reverb (to come).
#include <nanobind/nanobind.h>

void bind_reverb(nanobind::module_&) {}
