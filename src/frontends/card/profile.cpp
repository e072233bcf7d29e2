#include "frontends/card/profile.hpp"

namespace tf::frontends::card {
namespace {

Error wrong(const char* setting) { return {Code::invalid, "card.profile", setting}; }

bool fits_field(int number, const std::string& value) { return fits(*field(number), as_bytes(value)); }

}  // namespace

Status check(const Profile& profile) {
  TF_CHECK(net::check(profile.framing));
  if (profile.name.empty() || profile.name.size() > 32) return wrong("name");
  if (profile.pin_key_size != 16 && profile.pin_key_size != 24) return wrong("pin_key_size");
  if (!fits_field(f::acquirer, profile.institution)) return wrong("institution");
  if (!fits_field(f::merchant_type, profile.merchant_type)) return wrong("merchant_type");
  if (!fits_field(f::entry_mode, profile.entry_mode + "0")) return wrong("entry_mode");
  if (!fits_field(f::condition, profile.condition)) return wrong("condition");
  for (const std::string* code : {&profile.sign_on, &profile.key_exchange, &profile.echo})
    if (!fits_field(f::network_code, *code)) return wrong("network codes");
  if (profile.sign_on == profile.echo || profile.sign_on == profile.key_exchange || profile.echo == profile.key_exchange)
    return wrong("network codes");
  using std::chrono::milliseconds;
  for (const milliseconds time : {profile.reply_timeout, profile.network_timeout, profile.reversal_time, profile.retry_pause,
                                  profile.echo_interval, profile.key_lifetime})
    if (time <= milliseconds(0)) return wrong("times");
  if (profile.echoes_lost < 1) return wrong("echoes_lost");
  return {};
}

}  // namespace tf::frontends::card
