// Binding: the core's own elementary functions on arrays, so that tests can compare them with references.
#include "arrays.hpp"
#include "sitwell/math.hpp"

namespace sitwell::bind {

using namespace nb::literals;

namespace {

struct Named {
  const char* name;
  double (*apply)(double);
};

template <float (*Function)(float)>
double widened(double x) {
  return static_cast<double>(Function(static_cast<float>(x)));
}

constexpr Named functions[] = {
    {"exp", math::exp},           {"log", math::log},
    {"exp2", math::exp2},         {"log2", math::log2},
    {"log10", math::log10},       {"sin", math::sin},
    {"cos", math::cos},           {"tan", math::tan},
    {"db_to_gain", math::db_to_gain}, {"gain_to_db", math::gain_to_db},
    {"fast_log2", widened<fast::log2>}, {"fast_exp2", widened<fast::exp2>},
    {"fast_gain_to_db", widened<fast::gain_to_db>}, {"fast_db_to_gain", widened<fast::db_to_gain>},
};

auto elementary(const char* name, const AnyArray& array) {
  const double* x = typed<double>(array, 1, "x", "float64 of shape (n,)");
  const size_t count = array.shape(0);
  Owned<double, 1> out(count);
  for (const Named& function : functions) {
    if (std::string(function.name) != name) continue;
    for (size_t i = 0; i < count; ++i) out.data()[i] = function.apply(x[i]);
    return out.array({count});
  }
  throw nb::value_error((std::string("no function ") + name).c_str());
}

}  // namespace

void bind_elementary(nb::module_& m) {
  m.def("elementary", &elementary, "name"_a, "x"_a.noconvert(),
        "Apply one of the core's own functions, e.g. 'fast_log2'.");
}

}  // namespace sitwell::bind
