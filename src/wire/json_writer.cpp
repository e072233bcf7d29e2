// The writing half of wire/json.hpp.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "wire/json.hpp"

namespace json = boost::json;

namespace tf::wire {

void JsonWriter::separate() {
  if (!first_) out_.push_back(',');
  first_ = false;
}

JsonWriter& JsonWriter::begin_object() {
  if (out_.empty()) out_.reserve(480);  // most messages
  separate();
  out_.push_back('{');
  first_ = true;
  return *this;
}
JsonWriter& JsonWriter::end_object() {
  out_.push_back('}');
  first_ = false;
  return *this;
}
JsonWriter& JsonWriter::begin_array() {
  separate();
  out_.push_back('[');
  first_ = true;
  return *this;
}
JsonWriter& JsonWriter::end_array() {
  out_.push_back(']');
  first_ = false;
  return *this;
}
JsonWriter& JsonWriter::key(std::string_view name) {
  value(name);
  out_.push_back(':');
  first_ = true;
  return *this;
}
JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  bool special = false;  // without a way out of the loop, which the compiler then does for many characters at once
  for (const char c : text) special |= (c < 0x20) | (c == '"') | (c == '\\') | (c == 0x7f);
  if (!special) {
    out_.append("\"").append(text).append("\"");
  } else {
    out_ += json::serialize(json::string_view(text.data(), text.size()));
  }
  return *this;
}
JsonWriter& JsonWriter::value(std::int64_t number) {
  separate();
  fmt::format_to(std::back_inserter(out_), "{}", number);
  return *this;
}
JsonWriter& JsonWriter::value(double number) {
  separate();
  fmt::format_to(std::back_inserter(out_), "{:.6g}", number);
  return *this;
}
JsonWriter& JsonWriter::value(bool truth) {
  separate();
  out_ += truth ? "true" : "false";
  return *this;
}
JsonWriter& JsonWriter::null() {
  separate();
  out_ += "null";
  return *this;
}

}  // namespace tf::wire
