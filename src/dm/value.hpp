// Values of nodes and their way over the wire: whole, or in pieces over many messages (large objects).
// Size, and the bounds on it, count the bytes of the Data text as it is on the wire before XML escapes it.
// Source: OMA-TS-DM_Protocol-V1_2 §7 (large objects), OMA-TS-SyncML_MetaInfo-V1_2.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "dm/messages.hpp"

namespace tf::dm {

struct Value {
  std::string format = "chr";  // "b64" and "bin" travel in base64, everything else as text
  std::string type = "text/plain";
  Bytes data;

  friend bool operator==(const Value&, const Value&) = default;
};
Value text_value(std::string_view text);

// The Data text. Code::invalid "dm.value": text that XML cannot carry, a format or type longer than 64 characters or with blanks.
Result<std::string> wire_text(const Value& value);
// The value of Data text; Code::malformed "dm.value" for wrong base64.
Result<Value> value_of(const Meta& meta, std::string_view text);

// What an item says about itself, or else its command about all items.
Meta in_force(const Meta& item, const Meta& command);

// How many bytes text takes when XML has escaped it.
std::size_t escaped_size(std::string_view text);
// The longest beginning of text that takes at most room bytes when XML has escaped it, and splits no character.
std::string_view fitting(std::string_view text, std::size_t room);

// An object that comes in pieces.
class Assembly {
 public:
  explicit Assembly(std::size_t most) : most_(most) {}
  [[nodiscard]] bool under_way() const { return under_way_; }
  [[nodiscard]] const std::string& uri() const { return uri_; }
  // One piece: code::chunk_accepted, code::ok when the object is whole (text() has it), or the code of the refusal, after which
  // nothing is kept: 411 no size, 413 more than may be, 424 not what was said.
  std::uint32_t take(const std::string& uri, const Item& item, const Meta& meta);
  std::string release();  // the whole text
  void drop();

 private:
  std::size_t most_;
  bool under_way_ = false;
  std::uint64_t size_ = 0;
  std::string uri_, text_;
};

}  // namespace tf::dm
