// Result<T>: a value or an Error, and a compiler that complains when nobody looks. It is told that an Error is rare, and keeps what makes one out of the
// way of the rest.
#pragma once
#include <expected>
#include <utility>

#include "base/error.hpp"

namespace tf {

template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using Base = std::expected<T, Error>;
  using Base::Base;
  [[gnu::cold]] Result(Error error) : Base(std::unexpected(std::move(error))) {}
};

template <>
class [[nodiscard]] Result<void> : public std::expected<void, Error> {
 public:
  using Base = std::expected<void, Error>;
  using Base::Base;
  [[gnu::cold]] Result(Error error) : Base(std::unexpected(std::move(error))) {}
};

using Status = Result<void>;

}  // namespace tf

// TF_TRY(expr): the value of a Result, or return its Error from this function.
#define TF_TRY(expr)                                                    \
  ({                                                                    \
    auto&& tf_result_ = (expr);                                         \
    if (!tf_result_) [[unlikely]] return std::move(tf_result_).error(); \
    std::move(*tf_result_);                                             \
  })
// TF_CHECK(expr): the same for a Status.
#define TF_CHECK(expr)                                      \
  do {                                                      \
    if (auto tf_status_ = (expr); !tf_status_) [[unlikely]] \
      return std::move(tf_status_).error();                 \
  } while (false)
