// Answers that are kept: when the same one is served again, and above all when not.
#include "tests/ca_responder/fixture.hpp"

namespace tf::ca::test {
namespace {

using pki::ocsp::CertStatus;

// ECDSA signatures differ each time they are made: the same octets are the same answer.
TEST_F(ResponderTest, the_same_question_without_a_nonce_is_signed_once) {
  const Bytes first = ask(request());
  EXPECT_EQ(ask(request()), first);
  EXPECT_EQ(source.asked, 1);
  EXPECT_NE(ask(request(Bytes(32, 1))), ask(request(Bytes(32, 1))));
  EXPECT_EQ(source.asked, 1);
}

TEST_F(ResponderTest, a_revocation_takes_the_kept_answer_back_at_once) {
  for (const auto hash : {pki::ocsp::Hash::sha1, pki::ocsp::Hash::sha256}) EXPECT_EQ(must(judged(ask(request({}, hash)))).status, CertStatus::good);
  source.say(estate.subject.serial_hex(), revoked(pki::RevocationReason::superseded, kNow));
  forget();
  for (const auto hash : {pki::ocsp::Hash::sha1, pki::ocsp::Hash::sha256}) EXPECT_EQ(must(judged(ask(request({}, hash)))).status, CertStatus::revoked);
}

TEST_F(ResponderTest, what_changes_while_an_answer_is_made_is_not_kept) {
  bool once = true;
  source.during = [&] {
    if (!std::exchange(once, false)) return;
    source.says[std::string(kAuthority) + "/" + estate.subject.serial_hex()] = revoked(pki::RevocationReason::superseded, kNow);
    forget();
  };
  (void)ask(request());  // read before or after the change, nobody can say
  EXPECT_EQ(must(judged(ask(request()))).status, CertStatus::revoked);
}

// The source was read before the change; what comes of it may be told, but not again.
TEST_F(ResponderTest, an_answer_of_old_knowledge_is_told_once_at_most) {
  class Late final : public StatusSource {
   public:
    Result<Known> known(const std::string&, std::string_view) const override {
      const Known read = is_revoked ? revoked(pki::RevocationReason::superseded, kNow) : good();
      if (after_reading) after_reading();
      return read;
    }
    bool is_revoked = false;
    std::function<void()> after_reading;
  } late;
  Responder slow(late, clock);
  ASSERT_OK(slow.serve({served(estate)}));
  late.after_reading = [&] {
    late.is_revoked = true;
    slow.forget(kAuthority, estate.subject.serial_hex());
  };
  EXPECT_EQ(must(judged(slow.answer(request())->der)).status, CertStatus::good);
  EXPECT_EQ(must(judged(slow.answer(request())->der)).status, CertStatus::revoked);
}

TEST_F(ResponderTest, a_kept_answer_is_made_anew_before_its_next_update) {
  const Bytes first = ask(request());
  clock.set(kNow + 2 * 3600 * 1000 - 1000);
  EXPECT_EQ(ask(request()), first);
  clock.set(kNow + 2 * 3600 * 1000);
  const Bytes second = ask(request());
  EXPECT_NE(second, first);
  EXPECT_EQ(must(judged(second)).this_update_ms, clock.now_ms());
  EXPECT_EQ(ask(request()), second);
}

TEST_F(ResponderTest, other_delegates_give_other_answers_at_once) {
  const Bytes first = ask(request());
  ASSERT_OK(responder.serve({served(estate)}));
  EXPECT_NE(ask(request()), first);
}

TEST_F(ResponderTest, what_was_never_issued_is_not_kept) {
  source.says.clear();
  EXPECT_NE(ask(request()), ask(request()));
}

TEST_F(ResponderTest, what_changes_without_notice_is_not_kept) {
  Known quiet = good();
  quiet.announced = false;
  source.say(estate.subject.serial_hex(), quiet);
  EXPECT_EQ(must(judged(ask(request()))).status, CertStatus::good);
  source.say(estate.subject.serial_hex(), revoked(pki::RevocationReason::superseded, kNow));
  EXPECT_EQ(must(judged(ask(request()))).status, CertStatus::revoked);
}

struct NarrowTest : ResponderTest {
  NarrowTest() : narrow(source, clock, {.answers_bytes = 64U << 10}) {
    const Status status = narrow.serve({served(estate)});
    if (!status) ADD_FAILURE() << describe(status.error());
  }
  Bytes ask_about(int number) {
    const std::string serial = fmt::format("{:016X}", 0x1000000000000000 + number);
    source.say(serial, good());
    return narrow.answer(must(pki::ocsp::encode_request({id_of(serial)}, {})))->der;
  }
  Responder narrow;
};

TEST_F(NarrowTest, memory_is_bounded_and_what_nobody_asks_for_goes_first) {
  const Bytes first = ask_about(0);
  for (int i = 1; i < 200; ++i) ask_about(i);
  EXPECT_NE(ask_about(0), first);
  EXPECT_EQ(ask_about(0), ask_about(0));
}

TEST(SubjectCache, weighs_what_it_keeps_and_forgets_by_subject) {
  SubjectCache<int> cache(16 * 1000);
  for (int i = 0; i < 1000; ++i) cache.put(fmt::format("key {}", i), "one", i, 20, cache.now());
  EXPECT_LT(cache.size(), 90U);
  EXPECT_GT(cache.size(), 40U);
  cache.put("other", "two", 7, 20, cache.now());
  cache.put("heavy", "two", 8, 2000, cache.now());  // more than its share
  cache.forget("one");
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_EQ(cache.find("other"), 7);
  EXPECT_EQ(cache.find("heavy"), std::nullopt);
  const auto before = cache.now();
  cache.forget("three");
  cache.put("late", "four", 1, 20, before);
  EXPECT_EQ(cache.find("late"), std::nullopt);
  cache.put("other", "two", 9, 20, cache.now());
  EXPECT_EQ(cache.find("other"), 9);
  cache.forget_all();
  EXPECT_EQ(cache.size(), 0U);
}

}  // namespace
}  // namespace tf::ca::test
