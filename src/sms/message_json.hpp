// A message as JSON members, for spool and webhook: {"to","text","reference"}, or {"to","protocol_id","data_coding","user_data":[hex …],"reference"}.
#pragma once
#include "sms/sender.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::sms {

inline void write_message(wire::JsonWriter& json, const Message& message) {
  json.member("to", message.to);
  if (message.user_data.empty()) {
    json.member("text", message.text);
  } else {
    json.member("protocol_id", std::int64_t{kForCard}).member("data_coding", std::int64_t{kCardCoding}).key("user_data").begin_array();
    for (const Bytes& each : message.user_data) json.value(wire::hex_lower(each));
    json.end_array();
  }
  json.member("reference", message.reference);
}

}  // namespace tf::sms
