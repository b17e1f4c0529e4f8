// Binding: band powers.
#include "sitwell/spectrum.hpp"

#include <vector>

#include "arrays.hpp"

namespace sitwell::bind {

using namespace nb::literals;

namespace {

// Band powers with the tables and the memory they need.
struct OwnedBandPowers {
  size_t n_fft, bands;
  std::vector<float> window, weights, memory;
  BandPowers powers;

  OwnedBandPowers(size_t n, size_t count, const float* w, const float* shares)
      : n_fft(n), bands(count), window(w, w + n), weights(shares, shares + n / 2 * count),
        memory(BandPowers::memory_needed(n, count)),
        powers(n, count, window.data(), weights.data(), memory.data()) {}
};

void construct(OwnedBandPowers* self, const AnyArray& window, const AnyArray& weights) {
  const float* shape = typed<float>(window, 1, "window", "float32 of shape (n_fft,)");
  const float* shares = typed<float>(weights, 2, "weights", "float32 of shape (n_fft / 2, bands)");
  const size_t n_fft = window.shape(0);
  require(n_fft >= 16 && (n_fft & (n_fft - 1)) == 0, "n_fft must be a power of two, at least 16");
  require(weights.shape(0) == n_fft / 2, "weights must have n_fft / 2 rows; got shape " + shape_text(weights));
  new (self) OwnedBandPowers(n_fft, weights.shape(1), shape, shares);
}

auto process(OwnedBandPowers& self, const AnyArray& array, size_t hop_length) {
  const Block block(array, 2);
  require(hop_length >= 1, "hop_length must be at least 1");
  const size_t frames = block.frames < self.n_fft ? 0 : (block.frames - self.n_fft) / hop_length + 1;
  Owned<float, 2> out(frames * self.bands);
  {
    nb::gil_scoped_release unlocked;
    self.powers.process(block.data, block.data + block.frames, hop_length, frames, out.data());
  }
  return out.array({frames, self.bands});
}

}  // namespace

void bind_spectrum(nb::module_& m) {
  nb::class_<OwnedBandPowers>(m, "BandPowers", "Band powers of stereo frames, by a short-time Fourier transform.")
      .def("__init__", &construct, "window"_a, "weights"_a)
      .def("process", &process, "block"_a, "hop_length"_a);
}

}  // namespace sitwell::bind
