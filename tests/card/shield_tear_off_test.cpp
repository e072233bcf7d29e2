// Power goes before and right after every write of every command of the shield that writes: the card is whole, no try is won, no counter goes back.
#include <gtest/gtest.h>

#include <functional>

#include "crypto/digest.hpp"
#include "tests/card/shield_support.hpp"
#include "tests/support/expect.hpp"

namespace tf::card::test {
namespace {

// Runs act on a fresh card that prepare() made ready, with power going at write n, for every n that there is; check sees the card after the next power-on.
// done: the command was answered with 9000.
void at_every_write(const std::function<void(TestCard&)>& prepare, const std::function<bool(TestCard&)>& act, const std::function<void(TestCard&, bool)>& check) {
  for (const auto cut : {VolatileStorage::Cut::before, VolatileStorage::Cut::after}) {
    bool complete = false;
    for (std::size_t n = 1; !complete; ++n) {
      SCOPED_TRACE(testing::Message() << "write " << n << (cut == VolatileStorage::Cut::before ? " before" : " after"));
      TestCard card;
      prepare(card);
      const std::size_t before = card.storage().commits();
      card.storage().cut_at(n, cut);
      const bool done = act(card);
      complete = done;
      ASSERT_LT(n, 10u);
      if (n == 1) {
        EXPECT_FALSE(done) << "nothing was written";
      }
      (void)before;
      card.storage().cut_at(0, cut);
      card.restart();
      ASSERT_EQ(status(card, shield::select()), StatusWord::ok);
      check(card, done);
    }
  }
}

unsigned tries(TestCard& card) { return must(shield::read_tries(data(card, shield::get_data(shield::Object::tries)))).pin; }
std::uint64_t counter(TestCard& card) { return must(shield::read_prepared(data(card, shield::prepare_payment()))).counter; }

// Wrapped commands by hand: after the cut the card answers errors, which the helper would not take.
bool wrapped(SecureHost& host, TestCard& card, const apdu::CommandApdu& command) { return card.send(must(host.session().wrap(command))).ok(); }

TEST(ShieldTearOff, a_payment_raises_counter_and_record_together_and_wins_no_try) {
  at_every_write([](TestCard& card) { enrol(card, Slot::payment); }, [](TestCard& card) { return pay(card).ok(); },
                 [](TestCard& card, bool done) {
                   const std::uint64_t now = counter(card);
                   EXPECT_TRUE(done ? now == 1 : now <= 1);
                   EXPECT_LE(tries(card), 3u);
                   EXPECT_GE(tries(card), 2u);
                   ASSERT_EQ(card.verify_pin("123456"), "9000");
                   EXPECT_EQ(status(card, shield::read_record(1)), now == 1 ? StatusWord::ok : StatusWord::record_not_found);
                   EXPECT_TRUE(pay(card).ok());
                   EXPECT_EQ(counter(card), now + 1);
                 });
}

TEST(ShieldTearOff, a_wrong_pin_costs_its_try_whenever_its_answer_could_be_seen) {
  for (const auto cut : {VolatileStorage::Cut::before, VolatileStorage::Cut::after}) {
    TestCard card;
    enrol(card, Slot::payment);
    card.storage().cut_at(1, cut);
    EXPECT_EQ(pay(card, {.pin = "000000"}).status, StatusWord::memory_failure);  // not told whether it was right
    card.restart();
    ASSERT_EQ(status(card, shield::select()), StatusWord::ok);
    EXPECT_EQ(tries(card), cut == VolatileStorage::Cut::before ? 3u : 2u);
  }
  TestCard card;
  enrol(card, Slot::payment);
  EXPECT_EQ(pay(card, {.pin = "000000"}).status, apdu::tries_left(2));
  card.restart();
  ASSERT_EQ(status(card, shield::select()), StatusWord::ok);
  EXPECT_EQ(tries(card), 2u);
}

TEST(ShieldTearOff, a_key_is_the_old_one_with_its_certificate_or_the_new_one_without) {
  Bytes old_key, old_certificate;
  at_every_write(
      [&](TestCard& card) {
        const auto key = enrol(card, Slot::payment);
        old_key = key.spki();
        old_certificate = data(card, shield::read_certificate(Slot::payment));
      },
      [](TestCard& card) {
        SecureHost host(card);
        return wrapped(host, card, shield::generate_key(Slot::payment, shield::Algorithm::p256, {9}));
      },
      [&](TestCard& card, bool done) {
        const bool old = data(card, shield::read_public_key(Slot::payment)) == old_key;
        EXPECT_FALSE(old && done);
        EXPECT_EQ(card.send(shield::read_certificate(Slot::payment)).data, old ? old_certificate : Bytes{});
        SecureHost host(card);
        EXPECT_EQ(must(pki::read_card_request(host.data(shield::read_request(Slot::payment)))).nonce, (old ? pki::EnrolmentNonce{7} : pki::EnrolmentNonce{9}));
      });
}

TEST(ShieldTearOff, a_certificate_is_the_old_one_or_the_new_one) {
  Bytes before, after;
  at_every_write(
      [&](TestCard& card) {
        const auto key = enrol(card, Slot::authentication);
        before = data(card, shield::read_certificate(Slot::authentication));
        after = certificate_for(key, 2);
      },
      [&](TestCard& card) {
        SecureHost host(card);
        return wrapped(host, card, shield::store_certificate(Slot::authentication, after));
      },
      [&](TestCard& card, bool done) {
        const Bytes now = data(card, shield::read_certificate(Slot::authentication));
        EXPECT_TRUE(now == after || (now == before && !done));
      });
}

TEST(ShieldTearOff, a_container_is_there_whole_or_not_at_all) {
  at_every_write([](TestCard&) {},
                 [](TestCard& card) {
                   SecureHost host(card);
                   SecretBytes block(16);
                   std::ranges::copy(padded_pin("222222").reveal(), block.reveal_mutable().begin());
                   block.reveal_mutable()[8] = 0x80;
                   const Bytes sealed = must(host.session().encrypt_sensitive(block));
                   return wrapped(host, card, shield::create_container(2, sealed, sealed));
                 },
                 [](TestCard& card, bool done) {
                   const StatusWord there = status(card, shield::set_container(2));
                   if (done) EXPECT_EQ(there, StatusWord::ok);
                   if (there == StatusWord::ok) EXPECT_EQ(card.verify_pin("222222"), "9000");
                   else EXPECT_EQ(there, StatusWord::reference_not_found);
                 });
}

TEST(ShieldTearOff, a_container_goes_with_its_keys_or_stays_with_them) {
  at_every_write([](TestCard& card) { enrol(card, Slot::payment, shield::Algorithm::p256, 1); },
                 [](TestCard& card) {
                   SecureHost host(card);
                   return wrapped(host, card, shield::delete_container(1));
                 },
                 [](TestCard& card, bool done) {
                   const StatusWord there = status(card, shield::set_container(1));
                   EXPECT_EQ(there, done || there != StatusWord::ok ? StatusWord::reference_not_found : StatusWord::ok);
                   if (there == StatusWord::ok) EXPECT_TRUE(pay(card, {.container = 1, .pin = "111111"}).ok());
                   EXPECT_EQ(card.services().keys.exists({"user/1", 0x01}), there == StatusWord::ok);
                 });
}

TEST(ShieldTearOff, unblocking_leaves_the_old_pin_or_the_new_one_and_wins_no_try_of_the_puk) {
  at_every_write(
      [](TestCard& card) {
        enrol(card, Slot::payment);
        for (int i = 0; i < 3; ++i) (void)pay(card, {.pin = "000000"});
      },
      [](TestCard& card) {
        const auto nonce = must(shield::read_prepared(data(card, shield::prepare_payment()))).nonce;
        return card.send(shield::reset_retry_counter(envelope(card, {.pin = "777777", .puk = "12345678"}, apdu::unblock_binding(), nonce))).ok();
      },
      [](TestCard& card, bool done) {
        const auto left = must(shield::read_tries(data(card, shield::get_data(shield::Object::tries))));
        EXPECT_LE(left.puk, 3u);
        EXPECT_GE(left.puk, 2u);
        EXPECT_TRUE(left.pin == 3 || (left.pin == 0 && !done));
        EXPECT_EQ(pay(card, {.pin = "777777"}).status, left.pin == 3 ? StatusWord::ok : StatusWord::blocked);
      });
}

}  // namespace
}  // namespace tf::card::test
