// JSON at the edges. Reading is strict: an object with exactly the members asked for, no duplicates, caps on size and
// depth. boost::json parses; this header keeps it out of everyone else's compile time.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tf::wire {

struct JsonLimits {
  std::size_t size = 64 * 1024;
  std::size_t depth = 8;
};

// One object being read. Every member that is fetched is ticked off; finish() refuses what is left over.
class JsonObject {
 public:
  static Result<JsonObject> parse(std::string_view text, JsonLimits limits = {});

  JsonObject(JsonObject&&) noexcept;
  JsonObject& operator=(JsonObject&&) noexcept;
  ~JsonObject();

  [[nodiscard]] bool has(std::string_view name) const;
  Result<std::string> text(std::string_view name, std::size_t max_size = 4096);
  Result<std::optional<std::string>> optional_text(std::string_view name, std::size_t max_size = 4096);
  Result<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
  Result<double> number(std::string_view name);  // integers too
  Result<bool> boolean(std::string_view name);
  Result<std::vector<std::string>> texts(std::string_view name, std::size_t max_count, std::size_t max_size = 4096);
  Result<JsonObject> object(std::string_view name);
  Result<std::vector<JsonObject>> objects(std::string_view name, std::size_t max_count);
  // base64url of min to max bytes
  Result<Bytes> base64url(std::string_view name, std::size_t min_size, std::size_t max_size);
  template <std::size_t N>
  Result<ByteArray<N>> base64url(std::string_view name) {
    Bytes bytes = TF_TRY(base64url(name, N, N));
    ByteArray<N> out;
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
  }
  // Everything was read? Unknown members are refused by name.
  [[nodiscard]] Status finish() const;

 private:
  struct State;
  explicit JsonObject(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// One text of the outermost object, without the rest: reading stops there. It says where a message belongs; who then uses
// the message parses it whole.
Result<std::string> peek_text(std::string_view text, std::string_view name, JsonLimits limits = {});

// Writes JSON text in the order of the calls.
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(double number);
  JsonWriter& value(bool truth);
  JsonWriter& null();
  template <class T>
  JsonWriter& member(std::string_view name, const T& content) {
    if constexpr (std::is_convertible_v<T, std::string_view>) {
      return key(name).value(std::string_view(content));
    } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, double>) {
      return key(name).value(content);
    } else {
      return key(name).value(static_cast<std::int64_t>(content));
    }
  }
  [[nodiscard]] const std::string& text() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  void separate();
  std::string out_;
  bool first_ = true;
};

}  // namespace tf::wire
