// Binding: reverb.
#include "sitwell/reverb.hpp"

#include "arrays.hpp"

namespace sitwell::bind {

using namespace nb::literals;

namespace {

// A reverb together with its delay memory; on the heap, because Python objects are not aligned for its vectors.
class OwningReverb {
 public:
  explicit OwningReverb(const ReverbSettings& settings)
      : memory_(new float[Reverb::memory_needed(settings)]()), reverb_(new Reverb(settings, memory_.get())) {}

  Reverb& operator*() const { return *reverb_; }
  Reverb* operator->() const { return reverb_.get(); }

 private:
  std::unique_ptr<float[]> memory_;
  std::unique_ptr<Reverb> reverb_;
};

void require_range(const char* name, double value, double low, double high) {
  require(value >= low && value <= high, std::string(name) + " must be " + std::to_string(low) + " to " +
                                             std::to_string(high) + "; got " + std::to_string(value));
}

void construct(OwningReverb* self, double sample_rate, double decay_low_s, double decay_mid_s, double decay_high_s,
               double damping_hz, double predelay_ms, double size, double diffusion, double low_cut_hz,
               double high_cut_hz, double width) {
  require_range("sample_rate", sample_rate, 8000, 192000);
  require_range("decay_low_s", decay_low_s, 0.2, 10);
  require_range("decay_mid_s", decay_mid_s, 0.2, 10);
  require_range("decay_high_s", decay_high_s, 0.2, 10);
  require_range("damping_hz", damping_hz, 1500, 9000);
  require_range("predelay_ms", predelay_ms, 0, 200);
  require_range("size", size, 0.5, 1.8);
  require_range("diffusion", diffusion, 0, 1);
  require_range("low_cut_hz", low_cut_hz, 20, 1000);
  require_range("high_cut_hz", high_cut_hz, 1000, 20000);
  require_range("width", width, 0, 1);
  new (self) OwningReverb({sample_rate, {decay_low_s, decay_mid_s, decay_high_s}, damping_hz, predelay_ms, size,
                           diffusion, low_cut_hz, high_cut_hz, width});
}

nb::tuple as_tuple(const Bands& bands) { return nb::make_tuple(bands.low, bands.mid, bands.high); }

auto line_samples(const OwningReverb& self) {
  Owned<int64_t, 1> out(fdn_lines);
  for (int i = 0; i < fdn_lines; ++i) out.data()[i] = self->network().length(i);
  return out.array({fdn_lines});
}

auto absorption(const OwningReverb& self) {
  Owned<double, 2> out(fdn_lines * 5);
  for (int i = 0; i < fdn_lines; ++i) self->network().absorption(i, out.data() + 5 * i);
  return out.array({fdn_lines, 5});
}

}  // namespace

}  // namespace sitwell::bind

void bind_reverb(nanobind::module_& m) {
  using namespace sitwell::bind;
  nb::class_<OwningReverb>(m, "Reverb", "Sixteen-line feedback delay network, decay times exact in three bands.")
      .def("__init__", &construct, nb::kw_only(), "sample_rate"_a, "decay_low_s"_a, "decay_mid_s"_a, "decay_high_s"_a,
           "damping_hz"_a, "predelay_ms"_a, "size"_a, "diffusion"_a, "low_cut_hz"_a, "high_cut_hz"_a, "width"_a)
      .def("process", [](OwningReverb& self, const AnyArray& array) {
            const Block block(array, 2);
            nb::gil_scoped_release unlocked;
            self->process(block.data, block.data + block.frames, block.frames);
          }, "block"_a.noconvert(), "Replace a dry stereo block (2, samples) by the return alone.")
      .def_prop_ro("reference_hz", [](const OwningReverb& self) { return as_tuple(self->reference_hz()); },
                   "Where the low, mid and high decay times hold.")
      .def_prop_ro("decay_s", [](const OwningReverb& self) { return as_tuple(self->decay_s()); },
                   "Decay times as designed (low, mid, high): what was asked for, or the nearest stable ones.")
      .def_prop_ro("line_samples", &line_samples, nb::rv_policy::move,
                   "Lengths of the sixteen delay lines (16,).")
      .def_prop_ro("absorption", &absorption, nb::rv_policy::move,
                   "Per line [b c1 a1 c2 a2] (16, 5): one pass filters by (b + c1 / (z + a1)) (1 + c2 / (z + a2)).");
}
