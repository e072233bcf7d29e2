// What operators decide: which terminal may follow another, which number a code is for, whom the estate denies; and what
// becomes of a Did that changed.
#include "tests/access/scene.hpp"

namespace tf::platform::test {
namespace {

TEST_F(Access, an_approval_leaves_the_old_key_alone_until_the_approved_terminal_initialises) {
  const auto owner = identity("D1", "open");
  const auto heir = identity("D2", "open");
  const auto before = bound(owner);
  EXPECT_REFUSED(bind(heir), Code::refused, "access.bound_otherwise");
  approve("D2");
  EXPECT_OK(authenticated(owner, before));
  EXPECT_OK(authenticated(heir, bound(heir)));
  EXPECT_REFUSED(authenticated(owner, before), Code::refused, "access.no_key");
}

TEST_F(Access, an_approval_is_for_one_pair_of_did_and_number) {
  const auto before = bound(identity("D1", "open"));
  EXPECT_REFUSED(bind(identity("D2", "open")), Code::refused, "access.bound_otherwise");
  approve("D2");
  EXPECT_REFUSED(bind(identity("D3", "open")), Code::refused, "access.bound_otherwise");
  EXPECT_REFUSED(bind(identity("D1", "open", kOther)), Code::refused, "access.bound_otherwise");
  bound(identity("D1", "loose"));
  EXPECT_REFUSED(bind(identity("D2", "loose")), Code::refused, "access.bound_otherwise");  // another service
  EXPECT_OK(authenticated(identity("D1", "open"), before));
}

TEST_F(Access, an_approval_works_once) {
  bound(identity("D1", "open"));
  EXPECT_REFUSED(bind(identity("D2", "open")), Code::refused, "access.bound_otherwise");
  approve("D2");
  EXPECT_OK(bind(identity("D2", "open")));
  EXPECT_REFUSED(bind(identity("D1", "open")), Code::refused, "access.bound_otherwise");
  approve("D1");
  EXPECT_OK(bind(identity("D1", "open")));
  EXPECT_REFUSED(bind(identity("D2", "open")), Code::refused, "access.bound_otherwise");
}

TEST_F(Access, an_approval_works_once_however_often_it_was_given) {
  const auto owner = identity("D1", "open");
  const auto before = bound(owner);
  EXPECT_REFUSED(bind(identity("D2", "open")), Code::refused, "access.bound_otherwise");
  approve("D2");
  auto changed = owner;
  changed.did = "D2";
  EXPECT_REFUSED(authenticated(changed, before), Code::refused, "access.bound_otherwise");  // a second alarm about the pair
  approve("D2");
  EXPECT_OK(bind(identity("D2", "open")));
  EXPECT_REFUSED(bind(identity("D1", "open")), Code::refused, "access.bound_otherwise");
  approve("D1");
  EXPECT_OK(bind(identity("D1", "open")));
  EXPECT_REFUSED(bind(identity("D2", "open")), Code::refused, "access.bound_otherwise");
}

TEST_F(Access, an_approved_terminal_still_wants_its_proof) {
  auto owner = identity("D1", "bank");
  owner.code = code("D1");
  bound(owner);
  auto heir = identity("D2", "bank");
  heir.code = code("D2");
  EXPECT_REFUSED(bind(heir), Code::refused, "access.bound_otherwise");
  approve("D2");
  EXPECT_REFUSED(bind(identity("D2", "bank")), Code::refused, "access.no_proof");
  EXPECT_OK(bind(heir));  // a refusal that waits uses no code up
}

TEST_F(Access, a_code_may_be_for_one_number) {
  auto who = identity("D1", "bank");
  who.code = code("D1", "bank", kOther);
  const auto refused = bind(who);
  EXPECT_REFUSED(refused, Code::refused, "access.wrong_code");
  EXPECT_EQ(told(refused.error()), "enrolment");
  who.msisdn = kOther;
  EXPECT_OK(bind(who));
}

TEST_F(Access, a_terminal_the_estate_denies_gets_nothing) {
  for (const auto suite : {access::Suite::modern, access::Suite::classic}) {
    const auto& serial = suite == access::Suite::modern ? kBoth : kClassic;
    const auto who = identity(serial.text(), "open", suite == access::Suite::modern ? kNumber : kOther, suite);
    const auto binding = bound(who);
    must(set_denied(context, "operator:a", serial, true));
    EXPECT_REFUSED(authenticated(who, binding), Code::refused, "access.denied");
    const auto refused = bind(who);
    EXPECT_REFUSED(refused, Code::refused, "access.denied");
    EXPECT_EQ(told(refused.error()), "refused");
    must(set_denied(context, "operator:a", serial, false));
    EXPECT_OK(authenticated(who, binding));
  }
}

TEST_F(Access, a_did_does_not_change_into_one_the_estate_denies) {
  for (const auto suite : {access::Suite::modern, access::Suite::classic}) {
    auto who = identity(suite == access::Suite::modern ? "D1" : "D2", "loose", suite == access::Suite::modern ? kNumber : kOther, suite);
    const auto binding = bound(who);
    who.did = kBoth.text();
    must(set_denied(context, "operator:a", kBoth, true));
    EXPECT_REFUSED(authenticated(who, binding), Code::refused, "access.denied");
  }
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM access_keys WHERE did LIKE 'TF%'"), 0);
}

TEST_F(Access, a_did_does_not_change_into_one_that_has_a_key) {
  auto who = identity("D1", "loose");
  const auto binding = bound(who);
  const auto other = identity("D2", "loose", kOther);
  const auto others = bound(other);
  auto changed = who;
  changed.did = "D2";
  EXPECT_REFUSED(authenticated(changed, binding), Code::refused, "access.bound_otherwise");
  EXPECT_OK(authenticated(who, binding));
  EXPECT_OK(authenticated(other, others));
}

}  // namespace
}  // namespace tf::platform::test
