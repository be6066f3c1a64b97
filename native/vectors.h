// Vectors of the width that this translation unit is compiled for, and exp, sigmoid and tanh over them.
//
// GCC's vector extensions: one source for AVX-512, AVX2, SSE2 and NEON. Everything is `static inline` in a namespace
// of its own, so that no function compiled for one instruction set can be linked into another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#if defined(__AVX512F__)
#include <immintrin.h>
#define YEOUL_BYTES 64
#define YEOUL_REGISTERS 32
#elif defined(__AVX__)
#define YEOUL_BYTES 32
#define YEOUL_REGISTERS 16
#elif defined(__aarch64__)
#define YEOUL_BYTES 16
#define YEOUL_REGISTERS 32
#else
#define YEOUL_BYTES 16
#define YEOUL_REGISTERS 16
#endif

#define INLINE static inline __attribute__((always_inline))

namespace yeoul {
namespace YEOUL_ISA {

template <typename T>
struct Lanes;

template <>
struct Lanes<float> {
    typedef float V __attribute__((vector_size(YEOUL_BYTES)));
    typedef float Loose __attribute__((vector_size(YEOUL_BYTES), aligned(4), may_alias));
    typedef int32_t Bits __attribute__((vector_size(YEOUL_BYTES)));
    static constexpr int mantissa = 23;
    static constexpr float magic = 12582912.0f;  // 1.5 · 2^23: adding it rounds to a whole number
    static constexpr float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
    static constexpr float lowest = -87.0f, highest = 87.0f, saturated = 10.0f;
};

template <>
struct Lanes<double> {
    typedef double V __attribute__((vector_size(YEOUL_BYTES)));
    typedef double Loose __attribute__((vector_size(YEOUL_BYTES), aligned(8), may_alias));
    typedef int64_t Bits __attribute__((vector_size(YEOUL_BYTES)));
    static constexpr int mantissa = 52;
    static constexpr double magic = 6755399441055744.0;  // 1.5 · 2^52
    static constexpr double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
    static constexpr double lowest = -708.0, highest = 708.0, saturated = 20.0;
};

template <typename T>
using Vec = typename Lanes<T>::V;
template <typename T>
constexpr int WIDTH = YEOUL_BYTES / sizeof(T);

template <typename T>
INLINE Vec<T> all(T value) {
    return value - Vec<T>{};
}

template <typename T>
INLINE Vec<T> load(const T* from) {
    return *reinterpret_cast<const typename Lanes<T>::Loose*>(from);
}

template <typename T>
INLINE void store(T* to, Vec<T> value) {
    *reinterpret_cast<typename Lanes<T>::Loose*>(to) = value;
}

// Load or store the first `count` lanes, all if there are more; what is not loaded is zero.
template <typename T>
INLINE Vec<T> load_part(const T* from, ptrdiff_t count) {
    if (count >= WIDTH<T>) return load(from);
    alignas(YEOUL_BYTES) T lanes[WIDTH<T>] = {};
    for (ptrdiff_t lane = 0; lane < count; ++lane) lanes[lane] = from[lane];
    return load(lanes);
}

template <typename T>
INLINE void store_part(T* to, Vec<T> value, ptrdiff_t count) {
    if (count >= WIDTH<T>) return store(to, value);
    alignas(YEOUL_BYTES) T lanes[WIDTH<T>];
    store(lanes, value);
    for (ptrdiff_t lane = 0; lane < count; ++lane) to[lane] = lanes[lane];
}

template <typename T>
INLINE void clear(T* from, ptrdiff_t count) {
    for (ptrdiff_t k = 0; k < count; ++k) from[k] = T(0);
}

// Fetch what will be needed soon: rows that stand far apart are not foreseen by the machine.
template <typename T>
INLINE void prefetch(const T* from, ptrdiff_t count) {
    for (ptrdiff_t k = 0; k < count; k += 64 / ptrdiff_t(sizeof(T))) __builtin_prefetch(from + k);
}

template <size_t BY, typename V, size_t... LANE>
INLINE V rotated(V value, std::index_sequence<LANE...>) {
    return __builtin_shufflevector(value, value, ((LANE + BY) % sizeof...(LANE))...);
}

template <typename T, size_t HALF = size_t(WIDTH<T> / 2)>
INLINE T sum(Vec<T> value) {
    value += rotated<HALF>(value, std::make_index_sequence<size_t(WIDTH<T>)>());
    if constexpr (HALF == 1)
        return value[0];
    else
        return sum<T, HALF / 2>(value);
}

// 1 / x for |x| in [1, 2^126): within two units in the last place.
INLINE Vec<double> inverse(Vec<double> x) { return 1.0 / x; }
INLINE Vec<float> inverse(Vec<float> x) {
#if defined(__AVX512F__)
    const Vec<float> guess = _mm512_maskz_rcp14_ps(0xffff, x);
    return guess + guess * (1.0f - x * guess);
#else
    return 1.0f / x;
#endif
}

// exp(x) - 1 = scale · (exp(r) - 1) + (scale - 1), with x = n ln 2 + r, |r| <= ln 2 / 2, scale = 2^n.
INLINE Vec<float> exp_less_one(Vec<float> r) {
    Vec<float> p = all(1.9875691500e-4f);  // minimax coefficients of Moshier's Cephes
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    return p * (r * r) + r;
}

INLINE Vec<double> exp_less_one(Vec<double> r) {
    Vec<double> p = all(1.0 / 6227020800.0);  // Taylor to r^13: the rest is below 2^-56
    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    return p * (r * r) + r;
}

template <typename T>
struct Split {
    Vec<T> scale, rest;  // 2^n and exp(r) - 1
};

template <typename T>
INLINE Split<T> split(Vec<T> x) {
    using L = Lanes<T>;
    const Vec<T> shifted = x * T(1.44269504088896340736) + L::magic;
    const Vec<T> n = shifted - L::magic;
    const Vec<T> r = (x - n * L::ln2_high) - n * L::ln2_low;
    const typename L::Bits one = (typename L::Bits)all(T(1));
    const Vec<T> scale = (Vec<T>)(((typename L::Bits)shifted << L::mantissa) + one);
    return {scale, exp_less_one(r)};
}

INLINE Vec<float> above(Vec<float> x, float low) {  // the greater one; NaN stays NaN
#if defined(__AVX512F__)
    return _mm512_maskz_max_ps(0xffff, all(low), x);
#else
    return x < low ? all(low) : x;
#endif
}

INLINE Vec<float> below(Vec<float> x, float high) {
#if defined(__AVX512F__)
    return _mm512_maskz_min_ps(0xffff, all(high), x);
#else
    return x > high ? all(high) : x;
#endif
}

INLINE Vec<double> above(Vec<double> x, double low) { return x < low ? all(low) : x; }
INLINE Vec<double> below(Vec<double> x, double high) { return x > high ? all(high) : x; }

template <typename T>
INLINE Vec<T> clamp(Vec<T> x, T low, T high) {
    return below(above(x, low), high);
}

template <typename T>
INLINE Vec<T> sigmoid(Vec<T> x) {
    const Split<T> e = split<T>(clamp<T>(-x, Lanes<T>::lowest, Lanes<T>::highest));
    return inverse((e.scale + T(1)) + e.scale * e.rest);
}

template <typename T>
INLINE Vec<T> tanh(Vec<T> x) {
    const T limit = Lanes<T>::saturated;
    const Split<T> e = split<T>(2 * clamp<T>(x, -limit, limit));
    const Vec<T> less_one = e.scale * e.rest + (e.scale - T(1));
    return less_one * inverse(less_one + T(2));
}

}  // namespace YEOUL_ISA
}  // namespace yeoul
