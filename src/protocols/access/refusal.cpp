#include "protocols/access/refusal.hpp"

#include "wire/json.hpp"

namespace tf::access {
namespace {

struct Published {
  std::string_view exact;
  std::string_view reason;
};
constexpr Published kPublished[] = {
    {"access.no_key", "initialise"},          {"access.expired", "initialise"},
    {"access.edkey_used", "initialise"},      {"access.another_key", "initialise"},
    {"access.time", "time"},
    {"access.nonce_used", "time"},            {"access.challenge", "challenge"},
    {"access.challenge_used", "challenge"},   {"access.number_missing", "number"},
    {"access.number_differs", "number"},
    {"access.bound_otherwise", "waiting"},    {"access.no_proof", "enrolment"},
    {"access.wrong_code", "enrolment"},       {"access.code_locked", "enrolment"},
    {"access.wrong_device", "enrolment"},
};

}  // namespace

std::string_view public_reason(const Error& error) {
  for (const Published& published : kPublished)
    if (published.exact == error.reason) return published.reason;
  return "refused";
}

std::string refusal_body(const Error& error) {
  wire::JsonWriter writer;
  writer.begin_object().member("type", "urn:trustferry:problem:refused").member("title", "Refused").member("status", 403);
  return writer.member("code", "refused").member("reason", public_reason(error)).end_object().take();
}

}  // namespace tf::access
