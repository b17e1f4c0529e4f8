// Binding: filter design and the biquad cascade.
#include "arrays.hpp"
#include "sitwell/biquad.hpp"

namespace sitwell::bind {

using namespace nb::literals;

namespace {

auto coefficients(const Section& s) {
  Owned<double, 1> out(5);
  const double values[5] = {s.b0, s.b1, s.b2, s.a1, s.a2};
  for (int i = 0; i < 5; ++i) out.data()[i] = values[i];
  return out.array({5});
}

using DesignPlain = Section (*)(double, double, double);
using DesignGain = Section (*)(double, double, double, double);

void def_plain(nb::module_& m, const char* name, DesignPlain design, const char* doc) {
  m.def(name, [design](double fs, double hz, double q) { return coefficients(design(fs, hz, q)); }, nb::kw_only(),
        "sample_rate"_a, "frequency_hz"_a, "q"_a, doc);
}

void def_gain(nb::module_& m, const char* name, DesignGain design, const char* doc) {
  m.def(name, [design](double fs, double hz, double db, double q) { return coefficients(design(fs, hz, db, q)); },
        nb::kw_only(), "sample_rate"_a, "frequency_hz"_a, "gain_db"_a, "q"_a, doc);
}

void construct_biquads(Biquads* self, const AnyArray& sections, int channels) {
  const double* rows = typed<double>(sections, 2, "sections", "float64 of shape (sections, 5)");
  const size_t count = sections.shape(0);
  require(sections.shape(1) == 5, "sections must have 5 columns [b0 b1 b2 a1 a2]; got shape " + shape_text(sections));
  require(count <= Biquads::max_sections, "at most 16 sections; got " + std::to_string(count));
  require(channels >= 1 && channels <= Biquads::max_channels, "1 to 8 channels; got " + std::to_string(channels));
  Section parsed[Biquads::max_sections];
  for (size_t k = 0; k < count; ++k, rows += 5) parsed[k] = {rows[0], rows[1], rows[2], rows[3], rows[4]};
  new (self) Biquads(parsed, static_cast<int>(count), channels);
}

}  // namespace

void bind_filters(nb::module_& m) {
  def_plain(m, "design_highpass", design_highpass, "Design a second-order high-pass (RBJ cookbook).");
  def_plain(m, "design_lowpass", design_lowpass, "Design a second-order low-pass (RBJ cookbook).");
  def_gain(m, "design_bell", design_bell, "Design a peaking equalizer band (RBJ cookbook).");
  def_gain(m, "design_low_shelf", design_low_shelf, "Design a low shelf with a slope set by q (RBJ cookbook).");
  def_gain(m, "design_high_shelf", design_high_shelf, "Design a high shelf with a slope set by q (RBJ cookbook).");

  nb::class_<Biquads>(m, "Biquads", "Second-order sections in series, state in float64.")
      .def("__init__", &construct_biquads, "sections"_a, "channels"_a)
      .def("process", [](Biquads& self, const AnyArray& array) {
            const Block block(array, self.channels());
            nb::gil_scoped_release unlocked;
            self.process(block.data, block.frames);
          }, "block"_a.noconvert(), "Filter a block (channels, samples) in place.");
}

}  // namespace sitwell::bind
