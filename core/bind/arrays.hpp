// Binding: numpy arrays in and out, with clear errors.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace sitwell::bind {

namespace nb = nanobind;

using AnyArray = nb::ndarray<nb::device::cpu>;

inline std::string shape_text(const AnyArray& array) {
  std::string text = "(";
  for (size_t i = 0; i < array.ndim(); ++i) text += (i ? ", " : "") + std::to_string(array.shape(i));
  return text + ")";
}

inline bool is_contiguous(const AnyArray& array) {
  int64_t expected = 1;
  for (size_t i = array.ndim(); i-- > 0;) {
    if (array.shape(i) > 1 && array.stride(i) != expected) return false;
    expected *= static_cast<int64_t>(array.shape(i));
  }
  return true;
}

template <class T>
T* typed(const AnyArray& array, size_t ndim, const char* what, const char* wanted) {
  if (array.dtype() != nb::dtype<T>() || array.ndim() != ndim || (array.size() && !is_contiguous(array))) {
    throw nb::value_error((std::string(what) + " must be " + wanted + ", C-contiguous; got shape " +
                           shape_text(array) + (array.dtype() == nb::dtype<T>() ? "" : " of another type")).c_str());
  }
  return static_cast<T*>(array.data());
}

inline void require(bool holds, const std::string& message) {
  if (!holds) throw nb::value_error(message.c_str());
}

// A block of sound: float32 (channels, frames).
struct Block {
  float* data;
  int channels;
  size_t frames;

  explicit Block(const AnyArray& array)
      : data(typed<float>(array, 2, "block", "float32 of shape (channels, samples)")),
        channels(static_cast<int>(array.shape(0))),
        frames(array.shape(1)) {}

  Block(const AnyArray& array, int expected_channels) : Block(array) {
    require(channels == expected_channels, "block must have " + std::to_string(expected_channels) +
                                               " channels; got shape " + shape_text(array));
  }
};

inline std::pair<const double*, size_t> energies_of(const AnyArray& array) {
  return {typed<double>(array, 1, "energies", "float64 of shape (pieces,)"), array.shape(0)};
}

// A new numpy array that owns its memory. Shapes of which the last dimensions may be 1, 2 or 3 in number.
template <class T, size_t N>
struct Owned {
  std::unique_ptr<T[]> memory;
  explicit Owned(size_t capacity) : memory(new T[capacity ? capacity : 1]()) {}
  T* data() { return memory.get(); }

  nb::ndarray<nb::numpy, T, nb::ndim<N>> array(const size_t (&shape)[N]) {
    T* data = memory.release();
    nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<T*>(p); });
    return nb::ndarray<nb::numpy, T, nb::ndim<N>>(data, N, shape, owner);
  }
};

}  // namespace sitwell::bind
