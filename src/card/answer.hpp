// Answer<T>: a value, or the status word to refuse with. TF_TRY and TF_CHECK work on it as on a Result; an Error of a lower room becomes a
// status word on the way (the card tells its peer no more than that).
#pragma once
#include <expected>
#include <utility>

#include "apdu/response.hpp"
#include "base/error.hpp"

namespace tf::card {

using apdu::StatusWord;

// not_found: 6A88; denied, refused: 6982; malformed, invalid: 6A80; conflict: 6985; unavailable: 6581; the rest 6F00.
StatusWord status_of(const Error& error);

template <class T>
class [[nodiscard]] Answer : public std::expected<T, StatusWord> {
 public:
  using Base = std::expected<T, StatusWord>;
  using Base::Base;
  Answer(StatusWord word) : Base(std::unexpected(word)) {}
  Answer(const Error& error) : Base(std::unexpected(status_of(error))) {}
};

template <>
class [[nodiscard]] Answer<void> : public std::expected<void, StatusWord> {
 public:
  using Base = std::expected<void, StatusWord>;
  using Base::Base;
  Answer(StatusWord word) : Base(std::unexpected(word)) {}
  Answer(const Error& error) : Base(std::unexpected(status_of(error))) {}
};
using Done = Answer<void>;

// 9000 with the data, or the status word alone.
inline apdu::ResponseApdu respond(Answer<Bytes> answer) {
  return answer ? apdu::ResponseApdu(std::move(*answer)) : apdu::ResponseApdu(answer.error());
}
inline apdu::ResponseApdu respond(const Done& done) { return done ? apdu::ResponseApdu() : apdu::ResponseApdu(done.error()); }

}  // namespace tf::card
