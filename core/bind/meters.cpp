// Binding: meters, envelope, plateaus and loudness.
#include "arrays.hpp"
#include "sitwell/crossmeter.hpp"
#include "sitwell/envelope.hpp"
#include "sitwell/loudness.hpp"
#include "sitwell/plateaus.hpp"

namespace sitwell::bind {

using namespace nb::literals;

namespace {

void require_rate(int64_t sample_rate) {
  require(sample_rate >= 1000 && sample_rate <= 1000000,
          "sample_rate must be 1000 to 1000000 Hz; got " + std::to_string(sample_rate));
}

void construct_meter(Meter* self, int64_t sample_rate, int channels) {
  require_rate(sample_rate);
  require(channels >= 1 && channels <= Meter::max_channels, "1 to 5 channels; got " + std::to_string(channels));
  new (self) Meter(sample_rate, channels);
}

auto process_meter(Meter& self, const AnyArray& array) {
  const Block block(array, self.channels());
  Owned<double, 1> out(self.pieces_within(block.frames));
  size_t count = 0;
  {
    nb::gil_scoped_release unlocked;
    count = self.process(block.data, block.frames, out.data());
  }
  return out.array({count});
}

void construct_cross(CrossMeter* self, int64_t sample_rate, int signals) {
  require_rate(sample_rate);
  require(signals >= 1 && signals <= CrossMeter::max_signals, "1 to 8 signals; got " + std::to_string(signals));
  new (self) CrossMeter(sample_rate, signals);
}

auto process_cross(CrossMeter& self, const nb::sequence& blocks) {
  const size_t signals = static_cast<size_t>(self.signals());
  require(nb::len(blocks) == signals,
          "expected " + std::to_string(signals) + " blocks; got " + std::to_string(nb::len(blocks)));
  const float* data[CrossMeter::max_signals] = {};
  size_t frames = 0;
  for (size_t s = 0; s < signals; ++s) {
    const Block block(nb::cast<AnyArray>(blocks[s]), 2);
    require(s == 0 || block.frames == frames, "all blocks must be of the same length");
    data[s] = block.data;
    frames = block.frames;
  }
  Owned<double, 3> out(self.pieces_within(frames) * signals * signals);
  size_t count = 0;
  {
    nb::gil_scoped_release unlocked;
    count = self.process(data, frames, out.data());
  }
  return out.array({count, signals, signals});
}

void construct_envelope(Envelope* self, int64_t sample_rate, int64_t hop_samples) {
  require_rate(sample_rate);
  require(hop_samples >= 1, "hop_samples must be at least 1; got " + std::to_string(hop_samples));
  new (self) Envelope(static_cast<double>(sample_rate), static_cast<size_t>(hop_samples));
}

auto process_envelope(Envelope& self, const AnyArray& array) {
  const Block block(array);
  require(block.channels >= 1 && block.channels <= Envelope::max_channels,
          "block must have 1 or 2 channels; got shape " + shape_text(array));
  Owned<double, 2> out(2 * self.hops_within(block.frames));
  size_t count = 0;
  {
    nb::gil_scoped_release unlocked;
    count = self.process(block.data, block.channels, block.frames, out.data());
  }
  return out.array({count, 2});
}

auto process_plateaus(Plateaus& self, const AnyArray& array) {
  const float* samples = typed<float>(array, 1, "samples", "float32 of shape (samples,)");
  const size_t frames = array.shape(0);
  const std::unique_ptr<double[]> found(new double[Plateaus::figures * Plateaus::runs_within(frames)]);
  size_t count = 0;
  {
    nb::gil_scoped_release unlocked;
    count = self.process(samples, frames, found.get());
  }
  Owned<double, 2> out(Plateaus::figures * count);  // runs are rare, and whoever asks keeps them
  for (size_t i = 0; i < Plateaus::figures * count; ++i) out.data()[i] = found[i];
  return out.array({count, Plateaus::figures});
}

auto windows(const AnyArray& array, size_t width) {
  const auto [energies, count] = energies_of(array);
  Owned<double, 1> out(count);
  const size_t found = window_lufs(energies, count, width, out.data());
  return out.array({found});
}

double range_of(const AnyArray& array) {
  const auto [energies, count] = energies_of(array);
  const std::unique_ptr<double[]> scratch(new double[count + 1]);
  return loudness_range_lu(energies, count, scratch.get());
}

double integrated_of(const AnyArray& array) {
  const auto [energies, count] = energies_of(array);
  return integrated_lufs(energies, count);
}

}  // namespace

void bind_meters(nb::module_& m) {
  nb::class_<Meter>(m, "Meter", "Loudness energies and peaks in one pass (BS.1770-5).")
      .def("__init__", &construct_meter, nb::kw_only(), "sample_rate"_a, "channels"_a)
      .def("process", &process_meter, "block"_a.noconvert(), "K-weighted energies (k,) of the 100 ms pieces completed.")
      .def_prop_ro("true_peak", &Meter::true_peak)
      .def_prop_ro("sample_peak", &Meter::sample_peak);

  nb::class_<CrossMeter>(m, "CrossMeter", "K-weighted cross energies of stereo signals.")
      .def("__init__", &construct_cross, nb::kw_only(), "sample_rate"_a, "signals"_a)
      .def("process", &process_cross, "blocks"_a,
           "Cross energies (k, signals, signals) of the 100 ms pieces completed.");

  nb::class_<Envelope>(m, "Envelope", "Peak and K-weighted energy at a fixed hop.")
      .def("__init__", &construct_envelope, nb::kw_only(), "sample_rate"_a, "hop_samples"_a)
      .def("process", &process_envelope, "block"_a.noconvert(),
           "(k, 2): peak and K-weighted energy of the hops completed.");

  nb::class_<Plateaus>(m, "Plateaus", "Runs of three or more equal samples of one channel.")
      .def(nb::init<>())
      .def("process", &process_plateaus, "samples"_a.noconvert(),
           "(k, 4): magnitude, fall on the gentler and the steeper side, length of the runs that ended.");

  m.def("integrated_lufs", &integrated_of, "energies"_a.noconvert(),
        "Gated loudness of 100 ms energies (EBU Tech 3341).");
  m.def("loudness_range_lu", &range_of, "energies"_a.noconvert(), "Loudness range of 100 ms energies (EBU Tech 3342).");
  m.def("momentary_lufs", [](const AnyArray& a) { return windows(a, momentary_pieces); }, "energies"_a.noconvert(),
        "Loudness of each 400 ms window, hop 100 ms.");
  m.def("short_term_lufs", [](const AnyArray& a) { return windows(a, short_term_pieces); }, "energies"_a.noconvert(),
        "Loudness of each 3 s window, hop 100 ms.");
}

}  // namespace sitwell::bind
