// What must hold after a story, however it ended.
#include "tests/access/faulty_line.hpp"
#include "wire/json.hpp"

namespace tf::platform::test {

Recording StoryWorld::record(const std::string& did, const std::string& number, access::Suite suite) {
  Recording out;
  Phone one = phone(did, number, suite);
  Line sound([&, through = line(number)](const std::string& target, const std::string& body) {
    out.push_back({target, body});
    auto answer = through(target, body);
    out.push_back({target, answer->body});
    return answer;
  });
  EXPECT_OK(tell(one, sound));
  EXPECT_EQ(out.size(), static_cast<std::size_t>(messages_of(suite)));
  forget();
  return out;
}

std::string StoryWorld::active_key() {
  std::string out;
  for (const BindingEntry& binding : must(list_bindings(context, "", 1000)))
    if (binding.status == "active") out += binding.key_id;
  return out;
}

void StoryWorld::expect_sound(const Phone& phone, const Line& line) {
  const auto& who = phone.device.identity;
  int active = 0;
  for (const BindingEntry& binding : must(list_bindings(context, "", 1000))) {
    EXPECT_EQ(binding.did, who.did);
    EXPECT_EQ(binding.msisdn, who.msisdn);
    active += binding.status == "active" ? 1 : 0;
  }
  EXPECT_LE(active, 1);
  EXPECT_EQ(phone.device.binding.has_value(), phone.saves > 0) << "a binding was lost";
  if (line.bound() == phone.saves) {
    EXPECT_EQ(active_key(), phone.key_id()) << "every answer arrived";
  } else {
    EXPECT_GT(line.bound(), phone.saves) << "the phone believes in a binding the platform never made";
  }
}

void StoryWorld::expect_agreement(const Phone& phone, const std::string& ticket) {
  ASSERT_TRUE(phone.device.binding.has_value());
  const access::Binding& held = *phone.device.binding;
  EXPECT_EQ(active_key(), held.key_id);
  const auto psk = service->channel_psk(held.key_id);
  ASSERT_TRUE(psk.has_value());
  EXPECT_EQ(to_bytes(psk->reveal()), to_bytes(access::derive(held.dkey, held.key_id, access::label::channel).reveal()));
  for (const BindingEntry& binding : must(list_bindings(context, "", 1000))) {
    if (binding.key_id != held.key_id) continue;
    EXPECT_EQ(binding.ends_ms, held.key_time_ms);
    EXPECT_EQ(binding.info, phone.device.identity.info);
  }
  EXPECT_EQ(held.private_apn, "open.private");
  EXPECT_EQ(phone.profile, "open.private");
  const std::string name = must(newest_ticket_key(context.vault));
  const auto claims = crypto::jwt_verify_es256(must(context.vault.public_key(name)), access::typ::jwt, name, ticket);
  ASSERT_OK(claims);
  EXPECT_EQ(must(must(wire::JsonObject::parse(*claims)).text("sub")), held.key_id);
}

void StoryWorld::expect_recovery(Phone& phone) {
  Line sound(line(phone.device.identity.msisdn));
  const auto ticket = tell(phone, sound);
  ASSERT_TRUE(ticket.has_value()) << describe(ticket.error()) << ", for " << scene.audited_actions().back();
  expect_agreement(phone, *ticket);
}

}  // namespace tf::platform::test
