// Sitwell core: a soft-knee feed-forward compressor with a smooth decoupled peak detector in the log domain.
//
// D. Giannoulis, M. Massberg, J. D. Reiss, "Digital Dynamic Range Compressor Design", JAES 60(6), 2012:
// gain computer eq. 4, detector eq. 17; time constants a = exp(-1 / (tau fs)), eq. 7.
#pragma once

#include "sitwell/lanes.hpp"
#include "sitwell/math.hpp"

namespace sitwell {

struct CompressorSettings {
  double threshold_db = 0, ratio = 1, knee_db = 0, attack_ms = 5, release_ms = 100;
};

// Reduction wanted for a level, without memory: reduction_db >= 0.
class GainComputer {
 public:
  explicit GainComputer(const CompressorSettings& s)
      : threshold_db_(static_cast<float>(s.threshold_db)),
        knee_start_db_(static_cast<float>(s.threshold_db - s.knee_db / 2)),
        knee_db_(static_cast<float>(s.knee_db)),
        slope_(static_cast<float>(1.0 - 1.0 / s.ratio)),
        knee_curve_(s.knee_db > 0 ? static_cast<float>((1.0 - 1.0 / s.ratio) / (2.0 * s.knee_db)) : 0.0f) {}

  SITWELL_INLINE float reduction_db(float level_db) const {
    const float into_knee = level_db - knee_start_db_;
    const float above = slope_ * (level_db - threshold_db_);
    const float inside = knee_curve_ * into_knee * into_knee;
    const float bent = into_knee < knee_db_ ? inside : above;
    return into_knee > 0.0f ? bent : 0.0f;
  }

  // Peaks up to this gain ask for no reduction; 0.01 dB lower than exact, so that rounding cannot matter.
  float idle_below() const { return static_cast<float>(math::db_to_gain(knee_start_db_ - 0.01)); }
  bool never_reduces() const { return slope_ <= 0.0f; }

 private:
  float threshold_db_, knee_start_db_, knee_db_, slope_, knee_curve_;
};

// Smooths the wanted reduction in time: instant rise and release first, then the attack on top of both.
class DecoupledDetector {
 public:
  DecoupledDetector(double attack_ms, double release_ms, double rate_hz)
      : attack_(coefficient(attack_ms, rate_hz)), release_(coefficient(release_ms, rate_hz)) {}

  bool idle() const { return peak_ == 0.0 && smooth_ == 0.0; }

  // Go on from where another detector is.
  void resume(const DecoupledDetector& other) {
    peak_ = other.peak_;
    smooth_ = other.smooth_;
  }

  // reduction_db[0..count): wanted in, smoothed out.
  SITWELL_INLINE void run(float* reduction_db, size_t count) {
    double peak = peak_, smooth = smooth_;
    for (size_t i = 0; i < count; ++i) {
      const double wanted = reduction_db[i];
      const double released = release_ * peak + (1.0 - release_) * wanted;
      peak = wanted > released ? wanted : released;
      smooth = attack_ * smooth + (1.0 - attack_) * peak;
      reduction_db[i] = static_cast<float>(smooth);
    }
    peak_ = peak;
    smooth_ = smooth;
  }

  // A reduction below a billionth of a decibel is none.
  void flush_faded() {
    if (peak_ < 1e-9 && smooth_ < 1e-9) peak_ = smooth_ = 0.0;
  }

 private:
  static double coefficient(double time_ms, double rate_hz) {
    return time_ms > 0 ? math::exp(-1000.0 / (time_ms * rate_hz)) : 0.0;
  }

  double attack_, release_, peak_ = 0.0, smooth_ = 0.0;
};

// Gain (<= 0 dB) for a sequence of levels at any rate; the same computer and detector as Compressor.
inline void compressor_gain_db(const CompressorSettings& settings, double rate_hz, const float* levels_db,
                               float* gain_db, size_t count) {
  const GainComputer computer(settings);
  DecoupledDetector detector(settings.attack_ms, settings.release_ms, rate_hz);
  dispatch([&]() SITWELL_BODY {
    for (size_t start = 0; start < count; start += chunk_frames) {
      const size_t n = count - start < chunk_frames ? count - start : chunk_frames;
      for (size_t i = 0; i < n; ++i) gain_db[start + i] = computer.reduction_db(levels_db[start + i]);
      detector.run(gain_db + start, n);
      for (size_t i = 0; i < n; ++i) gain_db[start + i] = -gain_db[start + i];
      if (n == chunk_frames) detector.flush_faded();
    }
  });
}

class Compressor {
 public:
  static constexpr int max_channels = 8;

  Compressor(double sample_rate, const CompressorSettings& settings, double makeup_db)
      : computer_(settings),
        detector_(settings.attack_ms, settings.release_ms, sample_rate),
        makeup_db_(static_cast<float>(makeup_db)) {}

  // Go on from where another compressor is, with settings of its own.
  void resume(const Compressor& other) {
    detector_.resume(other.detector_);
    position_ = other.position_;
  }

  // In place, channels linked on the largest magnitude. `gain_db_out` (frames) may be null: gain before makeup.
  void process(float* block, int channels, size_t frames, float* gain_db_out) {
    dispatch([&]() SITWELL_BODY {
      for (size_t done = 0; done < frames;) {
        const size_t n = position_.next(frames - done);
        process_chunk(block + done, channels, frames, n, gain_db_out ? gain_db_out + done : nullptr);
        if (position_.advance(n)) detector_.flush_faded();
        done += n;
      }
    });
  }

 private:
  SITWELL_INLINE void process_chunk(float* block, int channels, size_t stride, size_t n, float* gain_db_out) {
    float work[chunk_frames];
    const bool loud = wanted_reduction(block, channels, stride, n, work);
    if (!loud && detector_.idle()) {  // what the general path would do, without doing it
      const float makeup = fast::db_to_gain(makeup_db_);
      apply(block, channels, stride, n, [=](size_t) SITWELL_BODY { return makeup; });
      for (size_t i = 0; gain_db_out && i < n; ++i) gain_db_out[i] = -0.0f;
      return;
    }
    detector_.run(work, n);
    for (size_t i = 0; gain_db_out && i < n; ++i) gain_db_out[i] = -work[i];
    for (size_t i = 0; i < n; ++i) work[i] = fast::db_to_gain(makeup_db_ - work[i]);
    apply(block, channels, stride, n, [&](size_t i) SITWELL_BODY { return work[i]; });
  }

  // Fill `work` with the wanted reduction in dB; false when it is 0 throughout.
  SITWELL_INLINE bool wanted_reduction(const float* block, int channels, size_t stride, size_t n, float* work) const {
    for (size_t i = 0; i < n; ++i) work[i] = 0.0f;
    for (int c = 0; c < channels; ++c) {
      const float* x = block + static_cast<size_t>(c) * stride;
      for (size_t i = 0; i < n; ++i) {
        const float magnitude = __builtin_fabsf(x[i]);
        work[i] = magnitude > work[i] ? magnitude : work[i];
      }
    }
    const float idle_below = computer_.idle_below();
    int over = 0;
    for (size_t i = 0; i < n; ++i) over |= work[i] > idle_below;
    if (!over || computer_.never_reduces()) {
      for (size_t i = 0; i < n; ++i) work[i] = 0.0f;
      return false;
    }
    for (size_t i = 0; i < n; ++i) work[i] = computer_.reduction_db(fast::gain_to_db(work[i]));
    return true;
  }

  template <class Gain>
  static SITWELL_INLINE void apply(float* block, int channels, size_t stride, size_t n, Gain gain) {
    for (int c = 0; c < channels; ++c) {
      float* x = block + static_cast<size_t>(c) * stride;
      for (size_t i = 0; i < n; ++i) x[i] *= gain(i);
    }
  }

  GainComputer computer_;
  DecoupledDetector detector_;
  float makeup_db_;
  Position position_;
};

}  // namespace sitwell
