// SCP03: a real card's conversations, both ends against each other, and whoever stands between them.
#include <gtest/gtest.h>

#include "apdu/scp03.hpp"
#include "tests/apdu/scp03_vectors.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "wire/encoding.hpp"

namespace tf::apdu::scp03 {
namespace {

using test::must;

Bytes hex(std::string_view text) { return must(wire::from_hex(text)); }
CommandApdu command(std::string_view text) { return must(CommandApdu::parse(hex(text))); }

class Given final : public Random {
 public:
  explicit Given(ByteView octets) : octets_(to_bytes(octets)) {}
  void fill(MutableByteView out) override { std::copy_n(octets_.begin(), out.size(), out.begin()); }

 private:
  Bytes octets_;
};

StaticKeys keys_of(std::size_t size) {
  const auto key = [&](const char* text) { return SecretBytes(ByteView(hex(text)).first(size)); };
  return {key(test::kEncKey), key(test::kMacKey), key(test::kDekKey)};
}

TEST(Scp03, speaks_as_a_real_card_heard_it) {
  for (const auto& it : test::kScp03Conversations) {
    SCOPED_TRACE(it.name);
    const CommandApdu begin = command(it.initialize_update);
    Given challenge(begin.data);
    const auto level = hex(it.external_authenticate)[2];
    auto host = must(HostSession::begin(keys_of(it.key_size), challenge, begin.p1, level));
    EXPECT_EQ(host.initialize_update(), begin);
    EXPECT_EQ(must(host.external_authenticate(ResponseApdu(hex(it.answer)))), command(it.external_authenticate));
    ASSERT_OK(host.established(ResponseApdu()));
    EXPECT_EQ(must(host.wrap(command(test::kPlainGetEid))), command(it.get_eid));
    EXPECT_EQ(must(host.unwrap(ResponseApdu(hex(it.eid)))).data, hex(test::kPlainEid));
    for (int i = 0; i < 4; ++i) EXPECT_EQ(must(host.wrap(command(test::kPlainCases[i]))), command(it.cases[i])) << i;
  }
}

// Host and card in one place, and the relay is the test.
struct Pair {
  explicit Pair(std::size_t size = 32, std::uint8_t level = kEverything) : keys(keys_of(size)), host(must(HostSession::begin(keys, random, 0, level))) {
    const ResponseApdu first(card.initialize_update(host.initialize_update(), keys, {}, random).value());
    const CommandApdu second = must(host.external_authenticate(first));
    word = card.external_authenticate(second);
    established = host.established(ResponseApdu(word));
  }
  // The card carries out what it got, and answers with the same data and one octet more.
  ResponseApdu carry_out(const CommandApdu& wrapped) {
    const auto plain = card.unwrap(wrapped);
    if (!plain) return plain.error();
    seen.push_back(*plain);
    Bytes data = plain->data;
    data.push_back(0x5A);
    return must(card.wrap(ResponseApdu(data)));
  }
  test::DeterministicRandom random{"scp03"};
  StaticKeys keys;
  HostSession host;
  CardSession card;
  StatusWord word = StatusWord::no_diagnosis;
  Status established;
  std::vector<CommandApdu> seen;
};

const CommandApdu kCommand{.cla = 0x80, .ins = 0x12, .p1 = 1, .p2 = 2, .data = {1, 2, 3}, .le = 256};

TEST(Scp03, carries_commands_and_answers_of_every_size_under_every_key_size) {
  for (const std::size_t size : {16u, 24u, 32u}) {
    Pair pair(size);
    ASSERT_OK(pair.established);
    for (const std::size_t length : {0u, 1u, 15u, 16u, 17u, 239u, 240u, 255u, 256u, 3000u}) {
      CommandApdu plain = kCommand;
      plain.data = Bytes(length, 0x80);
      const auto answer = pair.host.unwrap(pair.carry_out(must(pair.host.wrap(plain))));
      ASSERT_OK(answer);
      ASSERT_EQ(pair.seen.back().data, plain.data) << length;
      EXPECT_EQ(answer->data.size(), length + 1);
    }
  }
}

TEST(Scp03, answers_of_several_commands_come_after_all_of_them) {
  Pair pair;
  std::vector<CommandApdu> wrapped;
  for (std::uint8_t i = 0; i < 5; ++i) {
    CommandApdu plain = kCommand;
    plain.data = Bytes(i, i);
    wrapped.push_back(must(pair.host.wrap(plain)));
  }
  std::vector<ResponseApdu> answers;
  for (const auto& one : wrapped) answers.push_back(pair.carry_out(one));
  for (std::size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(must(pair.host.unwrap(answers[i])).data.size(), i + 1);
}

TEST(Scp03, the_logical_channel_is_no_part_of_the_protection) {
  Pair pair;
  CommandApdu wrapped = must(pair.host.wrap(kCommand));
  wrapped.cla |= 0x02;
  EXPECT_TRUE(pair.card.unwrap(wrapped).has_value());
}

TEST(Scp03, refuses_a_card_without_the_keys) {
  test::DeterministicRandom random("other");
  auto host = must(HostSession::begin(keys_of(16), random));
  CardSession card;
  StaticKeys other = keys_of(16);
  other.mac.reveal_mutable()[3] ^= 1;
  const ResponseApdu first(card.initialize_update(host.initialize_update(), other, {}, random).value());
  EXPECT_REFUSED(host.external_authenticate(first), Code::refused, "scp03.cryptogram");
  EXPECT_REFUSED(host.wrap(kCommand), Code::conflict, "scp03.closed");
}

TEST(Scp03, refuses_a_host_without_the_keys_and_gives_one_try_a_challenge) {
  Pair pair;
  auto again = must(HostSession::begin(pair.keys, pair.random));
  const ResponseApdu first(pair.card.initialize_update(again.initialize_update(), pair.keys, {}, pair.random).value());
  const CommandApdu right = must(again.external_authenticate(first));
  for (const std::size_t at : {0u, 7u}) {
    CardSession card;
    (void)card.initialize_update(again.initialize_update(), pair.keys, {}, pair.random);
    CommandApdu wrong = right;
    wrong.data[at] ^= 1;
    EXPECT_EQ(card.external_authenticate(wrong), StatusWord::wrong_sm_object);
    EXPECT_EQ(card.external_authenticate(right), StatusWord::conditions_of_use);
  }
  CommandApdu weak = right;
  weak.p1 = 0x01;
  EXPECT_EQ(pair.card.external_authenticate(weak), StatusWord::wrong_p1_p2);
  EXPECT_FALSE(pair.card.is_open());
}

TEST(Scp03, an_external_authenticate_of_another_session_is_refused) {
  Pair pair;
  auto other = must(HostSession::begin(pair.keys, pair.random));
  CardSession card;
  const ResponseApdu first(card.initialize_update(other.initialize_update(), pair.keys, {}, pair.random).value());
  const CommandApdu old = must(other.external_authenticate(first));
  CardSession fresh;
  (void)fresh.initialize_update(other.initialize_update(), pair.keys, {}, pair.random);
  EXPECT_NE(fresh.external_authenticate(old), StatusWord::ok);
}

TEST(Scp03, every_altered_bit_of_a_command_ends_the_session) {
  const CommandApdu wrapped = [] {
    Pair pair;
    return must(pair.host.wrap(kCommand));
  }();
  for (std::size_t bit = 0; bit < 8 * (3 + wrapped.data.size()); ++bit) {
    Pair pair;
    CommandApdu sent = must(pair.host.wrap(kCommand));
    std::uint8_t* const header[] = {&sent.ins, &sent.p1, &sent.p2};
    std::uint8_t& octet = bit < 24 ? *header[bit / 8] : sent.data[bit / 8 - 3];
    octet ^= static_cast<std::uint8_t>(1U << bit % 8);
    const auto plain = pair.card.unwrap(sent);
    ASSERT_FALSE(plain.has_value()) << bit;
    EXPECT_EQ(plain.error(), StatusWord::wrong_sm_object);
    EXPECT_FALSE(pair.card.is_open());
  }
}

TEST(Scp03, dropped_replayed_and_reordered_commands_end_the_session) {
  {
    Pair pair;
    (void)must(pair.host.wrap(kCommand));
    EXPECT_EQ(pair.card.unwrap(must(pair.host.wrap(kCommand))).error(), StatusWord::wrong_sm_object);
  }
  {
    Pair pair;
    const CommandApdu first = must(pair.host.wrap(kCommand));
    EXPECT_TRUE(pair.card.unwrap(first).has_value());
    EXPECT_EQ(pair.card.unwrap(first).error(), StatusWord::wrong_sm_object);
    EXPECT_EQ(pair.card.unwrap(must(pair.host.wrap(kCommand))).error(), StatusWord::security_status);
  }
}

TEST(Scp03, every_altered_bit_of_an_answer_and_every_cut_is_noticed) {
  for (std::size_t bit = 0;; ++bit) {
    Pair pair;
    ResponseApdu answer = pair.carry_out(must(pair.host.wrap(kCommand)));
    if (bit == 8 * answer.data.size()) break;
    answer.data[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_REFUSED(pair.host.unwrap(answer), Code::refused, "scp03.mac");
    EXPECT_REFUSED(pair.host.wrap(kCommand), Code::conflict, "scp03.closed");
  }
  for (std::size_t size = 0; size < 24; ++size) {
    Pair pair;
    ResponseApdu answer = pair.carry_out(must(pair.host.wrap(kCommand)));
    ASSERT_GE(answer.data.size(), 24u);
    answer.data.resize(size);
    EXPECT_REFUSED(pair.host.unwrap(answer), Code::refused, "scp03.mac");
  }
}

TEST(Scp03, answers_are_for_their_command_and_status_words_are_protected) {
  Pair pair;
  const ResponseApdu first = pair.carry_out(must(pair.host.wrap(kCommand)));
  EXPECT_OK(pair.host.unwrap(first));
  (void)pair.carry_out(must(pair.host.wrap(kCommand)));
  EXPECT_REFUSED(pair.host.unwrap(first), Code::refused, "scp03.mac");
  Pair another;
  ResponseApdu answer = another.carry_out(must(another.host.wrap(kCommand)));
  answer.status = tries_left(3);
  EXPECT_REFUSED(another.host.unwrap(answer), Code::refused, "scp03.mac");
}

TEST(Scp03, an_error_ends_a_row_of_commands_but_not_a_single_one) {
  Pair pair;
  (void)must(pair.host.wrap(kCommand));
  EXPECT_EQ(must(pair.host.unwrap(ResponseApdu(StatusWord::wrong_data))).status, StatusWord::wrong_data);
  EXPECT_OK(pair.host.wrap(kCommand));
  (void)must(pair.host.wrap(kCommand));
  EXPECT_EQ(must(pair.host.unwrap(ResponseApdu(StatusWord::security_status))).status, StatusWord::security_status);
  EXPECT_REFUSED(pair.host.wrap(kCommand), Code::conflict, "scp03.closed");
  EXPECT_REFUSED(pair.host.unwrap(ResponseApdu()), Code::conflict, "scp03.closed");
}

TEST(Scp03, an_error_with_data_is_refused) {
  Pair pair;
  (void)must(pair.host.wrap(kCommand));
  EXPECT_REFUSED(pair.host.unwrap(ResponseApdu(Bytes(9), StatusWord::wrong_data)), Code::refused, "scp03.mac");
}

TEST(Scp03, pins_and_keys_inside_are_encrypted_once_more) {
  Pair pair;
  const SecretBytes pin(ByteView(Bytes(16, 0x31)));
  const Bytes sealed = must(pair.host.encrypt_sensitive(pin));
  EXPECT_EQ(must(decrypt_sensitive(pair.keys, sealed)), pin);
  EXPECT_REFUSED(decrypt_sensitive(pair.keys, ByteView(sealed).first(15)), Code::malformed, "scp03.sensitive");
}

TEST(Scp03, refuses_keys_of_unequal_or_unknown_sizes) {
  test::DeterministicRandom random("keys");
  StaticKeys keys = keys_of(16);
  keys.dek = SecretBytes(ByteView(Bytes(32)));
  EXPECT_REFUSED(HostSession::begin(keys, random), Code::invalid, "scp03.keys");
  EXPECT_REFUSED(HostSession::begin(keys_of(15), random), Code::invalid, "scp03.keys");
}

}  // namespace
}  // namespace tf::apdu::scp03
