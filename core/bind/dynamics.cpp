// Binding: compressor, limiter, quantizer.
#include "arrays.hpp"
#include "sitwell/compressor.hpp"
#include "sitwell/limiter.hpp"
#include "sitwell/quantizer.hpp"

#include <nanobind/stl/optional.h>

namespace sitwell::bind {

using namespace nb::literals;

namespace {

// The limiter and the memory it works in.
struct OwnedLimiter {
  std::unique_ptr<int64_t[]> memory;
  Limiter limiter;

  explicit OwnedLimiter(const LimiterSettings& s)
      : memory(new int64_t[Limiter::memory_needed(s) / sizeof(int64_t) + 1]()), limiter(s, memory.get()) {}
};

void construct_limiter(OwnedLimiter* self, double sample_rate, int channels, double ceiling_dbtp, double lookahead_ms,
                       double release_ms) {
  require(channels >= 1 && channels <= Limiter::max_channels, "1 to 8 channels; got " + std::to_string(channels));
  new (self) OwnedLimiter({sample_rate, ceiling_dbtp, lookahead_ms, release_ms, channels});
}

void construct_compressor(Compressor* self, double sample_rate, double threshold_db, double ratio, double knee_db,
                          double attack_ms, double release_ms, double makeup_db) {
  new (self) Compressor(sample_rate, {threshold_db, ratio, knee_db, attack_ms, release_ms}, makeup_db);
}

void process_compressor(Compressor& self, const AnyArray& array, const std::optional<AnyArray>& gain_db) {
  const Block block(array);
  float* gain = gain_db ? typed<float>(*gain_db, 1, "gain_db", "float32 of shape (samples,)") : nullptr;
  require(!gain || gain_db->shape(0) == block.frames, "gain_db must be as long as the block");
  nb::gil_scoped_release unlocked;
  self.process(block.data, block.channels, block.frames, gain);
}

auto gain_of_levels(const AnyArray& levels_db, double rate_hz, double threshold_db, double ratio, double knee_db,
                    double attack_ms, double release_ms) {
  const float* levels = typed<float>(levels_db, 1, "levels_db", "float32 of shape (n,)");
  const size_t count = levels_db.shape(0);
  Owned<float, 1> out(count);
  {
    nb::gil_scoped_release unlocked;
    compressor_gain_db({threshold_db, ratio, knee_db, attack_ms, release_ms}, rate_hz, levels, out.data(), count);
  }
  return out.array({count});
}

auto quantize(Quantizer& self, const AnyArray& array) {
  const Block block(array);
  const size_t channels = static_cast<size_t>(block.channels);
  Owned<int16_t, 2> out(block.frames * channels);
  {
    nb::gil_scoped_release unlocked;
    self.process(block.data, block.channels, block.frames, out.data());
  }
  return out.array({block.frames, channels});
}

}  // namespace

void bind_dynamics(nb::module_& m) {
  nb::class_<Compressor>(m, "Compressor", "Soft-knee feed-forward compressor, channels linked on the peak.")
      .def("__init__", &construct_compressor, nb::kw_only(), "sample_rate"_a, "threshold_db"_a, "ratio"_a, "knee_db"_a,
           "attack_ms"_a, "release_ms"_a, "makeup_db"_a)
      .def("process", &process_compressor, "block"_a.noconvert(), "gain_db"_a.noconvert() = nb::none(),
           "Compress a block (channels, samples) in place; gain_db (samples,) receives the gain before makeup.");

  m.def("compressor_gain_db", &gain_of_levels, "levels_db"_a.noconvert(), nb::kw_only(), "rate_hz"_a, "threshold_db"_a,
        "ratio"_a, "knee_db"_a, "attack_ms"_a, "release_ms"_a,
        "Gain (n,) in dB, <= 0, for a sequence of levels in dBFS at any rate.");

  nb::class_<OwnedLimiter>(m, "Limiter", "True-peak limiter with look-ahead; output is late by latency_samples.")
      .def("__init__", &construct_limiter, nb::kw_only(), "sample_rate"_a, "channels"_a, "ceiling_dbtp"_a,
           "lookahead_ms"_a, "release_ms"_a)
      .def_prop_ro("latency_samples", [](const OwnedLimiter& self) { return self.limiter.latency_frames(); })
      .def_prop_ro("max_reduction_db", [](const OwnedLimiter& self) { return self.limiter.max_reduction_db(); })
      .def("process", [](OwnedLimiter& self, const AnyArray& array) {
            const Block block(array, self.limiter.channels());
            nb::gil_scoped_release unlocked;
            self.limiter.process(block.data, block.frames);
          }, "block"_a.noconvert(), "Limit a block (channels, samples) in place.");

  nb::class_<Quantizer>(m, "Quantizer", "Float to 16 bits with triangular dither.")
      .def(nb::init<uint64_t>(), "seed"_a = 0)
      .def("process", &quantize, "block"_a.noconvert(),
           "Return int16 (samples, channels) of a block (channels, samples).");
}

}  // namespace sitwell::bind
