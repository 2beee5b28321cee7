// Passes over rows of channels, which the statistics of batch and group norms are made of. Channels
// are passed over a cache line at a time, so that their sums stay in registers.
#pragma once

#include <cstdint>

namespace etalon {

// `count` rows of `channels` values, one behind another.
struct ChannelRows {
  std::int64_t count = 0, channels = 0;
};

// Adds, of each channel, Σ (x - origin) and Σ (x - origin)², where the origin is the first row, so
// that a large mean costs no digits.
void add_channel_sums(const float* src, ChannelRows rows, double* sums, double* squares);

// dst = x·scale + shift of each channel, and maybe max(0, dst); a NaN stays visible.
void scale_channels(const float* src, float* dst, ChannelRows rows, const float* scale,
                    const float* shift, bool relu);

// Zeroes diff_dst where the rectifier was shut, and adds, of each channel, the sums of it, and of
// it times x - mean.
void add_channel_diff_sums(const float* src, const float* dst, float* diff_dst, ChannelRows rows,
                           const float* mean, bool relu, double* sums, double* products);

// diff_src = diff_dst·a + x·b + c of each channel.
void combine_channels(const float* src, const float* diff_dst, float* diff_src, ChannelRows rows,
                      const float* a, const float* b, const float* c);

}  // namespace etalon
