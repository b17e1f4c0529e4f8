// Binding: the extension module sitwell.core._core.
#include <nanobind/nanobind.h>

void bind_reverb(nanobind::module_& m);

namespace sitwell::bind {
void bind_elementary(nanobind::module_& m);
void bind_filters(nanobind::module_& m);
void bind_dynamics(nanobind::module_& m);
void bind_meters(nanobind::module_& m);
void bind_spectrum(nanobind::module_& m);
}  // namespace sitwell::bind

NB_MODULE(_core, m) {
  m.doc() = "Sitwell's signal processing: the same code as in the browser.";
  sitwell::bind::bind_elementary(m);
  sitwell::bind::bind_filters(m);
  sitwell::bind::bind_dynamics(m);
  sitwell::bind::bind_meters(m);
  sitwell::bind::bind_spectrum(m);
  bind_reverb(m);
}
