// Who may bind a Did or a number again: the key before, by its word; an operator, by approval; nobody whom the estate denies.
#include "tests/access/scene.hpp"

namespace tf::platform::test {
namespace {

class Consent : public Access {
 protected:
  std::int64_t active(const std::string& where) { return scene.count("SELECT COUNT(*) FROM access_keys WHERE status = 'active' AND " + where); }
  // Bound with a code.
  access::Binding proved(access::Identity& who) {
    who.code = code(who.did, who.service);
    auto out = bound(who);
    who.code.clear();
    return out;
  }
  static access::Binding with_another_key(const access::Binding& binding) {
    auto out = access::Binding{binding.key_id, binding.key_time_ms, binding.dkey.clone(), ""};
    out.dkey.reveal_mutable()[0] ^= 1;
    return out;
  }
  static Hash256 word_of(const access::Binding& old, const std::string& service_name, const access::Initialisation& content) {
    return crypto::hmac_sha256(access::derive(old.dkey, old.key_id, access::label::consent).reveal(), access::consent_fields(service_name, content));
  }
};

TEST_F(Consent, of_the_old_key_moves_its_did_or_its_number_where_the_policy_allows_it) {
  const auto first = identity("D1", "loose");
  const auto before = bound(first);
  const auto moved = identity("D1", "loose", kOther);
  const auto after = bound(moved, &before);
  EXPECT_OK(authenticated(moved, after));
  EXPECT_REFUSED(authenticated(first, before), Code::refused, "access.no_key");
  const auto heir = identity("D2", "loose", kOther);
  EXPECT_OK(authenticated(heir, bound(heir, &after)));
  EXPECT_EQ(active("service = 'loose'"), 1);
  EXPECT_TRUE(must(list_alarms(context, 10)).empty());
}

TEST_F(Consent, without_the_policy_is_no_word_and_waits_for_an_operator) {
  const auto before = bound(identity("D1", "open"));
  EXPECT_REFUSED(bind(identity("D1", "open", kOther), &before), Code::refused, "access.bound_otherwise");
  EXPECT_REFUSED(bind(identity("D2", "open"), &before), Code::refused, "access.bound_otherwise");
  EXPECT_EQ(must(list_alarms(context, 10)).size(), 2U);
  EXPECT_OK(authenticated(identity("D1", "open"), before));
}

TEST_F(Consent, of_one_key_gives_up_no_other) {
  const auto mine = bound(identity("D1", "loose"));
  const auto theirs = bound(identity("D2", "loose", kOther));
  EXPECT_REFUSED(bind(identity("D1", "loose", kOther), &mine), Code::refused, "access.bound_otherwise");
  EXPECT_OK(authenticated(identity("D2", "loose", kOther), theirs));
}

TEST_F(Consent, with_a_wrong_mac_is_refused_and_changes_nothing) {
  const auto who = identity("D1", "loose");
  const auto before = bound(who);
  const auto guessed = with_another_key(before);
  const auto refused = bind(identity("D1", "loose", kOther), &guessed);
  EXPECT_REFUSED(refused, Code::refused, "access.wrong_consent");
  EXPECT_EQ(told(refused.error()), "refused");
  EXPECT_OK(authenticated(who, before));
}

TEST_F(Consent, is_for_one_service_one_number_one_key_and_one_nonce) {
  const auto before = bound(identity("D1", "loose"));
  const auto moved = identity("D1", "loose", kOther);
  const auto given = initialisation(moved, &before);
  auto other = initialisation(moved, &before);
  const auto refuse = [&](const char* what) {
    SCOPED_TRACE(what);
    EXPECT_REFUSED(send("initialise", sealed(moved, other.content), {kOther}), Code::refused, "access.wrong_consent");
    other = initialisation(moved, &before);
  };
  other.content.consent.mac = given.content.consent.mac;
  refuse("a word given for another nonce and DKey");
  other.content.dkey.reveal_mutable()[0] ^= 1;
  refuse("for another DKey");
  other.content.consent.mac = word_of(before, "open", other.content);
  refuse("for another service");
  auto elsewhere = access::decode_initialisation(access::Suite::modern, encode(other.content));
  elsewhere->msisdn = kNumber;
  other.content.consent.mac = word_of(before, "loose", *elsewhere);
  refuse("for another number");
  EXPECT_OK(send("initialise", given.body, {kOther}));
}

TEST_F(Consent, of_a_key_of_another_service_is_no_word) {
  const auto elsewhere = bound(identity("D1", "open"));
  const auto before = bound(identity("D1", "loose"));
  EXPECT_REFUSED(bind(identity("D1", "loose", kOther), &elsewhere), Code::refused, "access.bound_otherwise");
  EXPECT_OK(authenticated(identity("D1", "loose"), before));
}

TEST_F(Consent, of_a_key_that_ended_is_no_word) {
  const auto before = bound(identity("D1", "loose"));
  scene.clock.set(before.key_time_ms);
  EXPECT_REFUSED(bind(identity("D1", "loose", kOther), &before), Code::refused, "access.bound_otherwise");
  scene.clock.set(before.key_time_ms - 1);
  EXPECT_OK(bind(identity("D1", "loose", kOther), &before));
}

TEST_F(Consent, of_a_revoked_key_proves_nothing) {
  auto who = identity("D1", "bank");
  const auto before = proved(who);
  must(revoke_binding(context, "operator:a", before.key_id));
  EXPECT_REFUSED(bind(who, &before), Code::refused, "access.no_proof");
  EXPECT_REFUSED(bind(identity("D1", "bank", kOther), &before), Code::refused, "access.no_proof");
}

TEST_F(Consent, of_the_old_key_renews_it_until_one_key_time_after_its_end) {
  auto who = identity("D1", "bank");
  const auto first = proved(who);
  EXPECT_REFUSED(bind(who), Code::refused, "access.no_proof");
  const auto second = bound(who, &first);
  EXPECT_REFUSED(authenticated(who, first), Code::refused, "access.no_key");
  const std::int64_t over = second.key_time_ms + 3'600'000;
  scene.clock.set(over);
  EXPECT_REFUSED(bind(who, &second), Code::refused, "access.no_proof");
  scene.clock.set(over - 1);
  EXPECT_REFUSED(bind(identity("D1", "bank", kOther), &second), Code::refused, "access.no_proof");  // another SIM
  const auto third = bound(who, &second);
  EXPECT_OK(authenticated(who, third));
  EXPECT_EQ(active("proved = 1"), 1) << "who renews is as proved as before";
}

TEST_F(Consent, of_a_living_proved_key_proves_its_did_for_another_number_which_then_waits) {
  auto who = identity("D1", "bank");
  const auto before = proved(who);
  EXPECT_REFUSED(bind(identity("D1", "bank", kOther), &before), Code::refused, "access.bound_otherwise");
  approve("D1");
  const auto moved = identity("D1", "bank", kOther);
  EXPECT_OK(authenticated(moved, bound(moved, &before)));
  EXPECT_EQ(active("proved = 1"), 1);
}

TEST_F(Consent, renews_nothing_where_the_policy_wants_proof_each_time) {
  auto who = identity("D1", "strict");
  const auto before = proved(who);
  EXPECT_REFUSED(bind(who, &before), Code::refused, "access.no_proof");
  EXPECT_OK(authenticated(who, before));
}

TEST_F(Consent, renews_no_binding_that_was_never_proved) {
  auto who = identity("D1", "bank");
  const auto before = proved(who);
  scene.script("UPDATE access_keys SET proved = 0");
  EXPECT_REFUSED(bind(who, &before), Code::refused, "access.no_proof");
}

TEST_F(Consent, that_is_wrong_renews_nothing) {
  auto who = identity("D1", "bank");
  const auto before = proved(who);
  const auto guessed = with_another_key(before);
  EXPECT_REFUSED(bind(who, &guessed), Code::refused, "access.wrong_consent");
  EXPECT_OK(authenticated(who, before));
}

TEST_F(Consent, is_wanted_of_who_proved_himself_once_even_where_first_use_is_trusted) {
  auto who = identity("D1", "open");
  const auto before = proved(who);
  EXPECT_REFUSED(bind(who), Code::refused, "access.no_proof");
  auto classic = identity("D1", "open", kNumber, access::Suite::classic);
  EXPECT_REFUSED(bind(classic), Code::refused, "access.downgrade");
  EXPECT_OK(authenticated(who, before));
  EXPECT_OK(authenticated(who, bound(who, &before)));
  who.code = code("D1", "open");
  EXPECT_OK(bind(who));  // or a proof anew
}

}  // namespace
}  // namespace tf::platform::test
