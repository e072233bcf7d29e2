// The payment structure, the PIN envelope and the shield's commands, as both ends have them.
#include <gtest/gtest.h>

#include "apdu/pin_envelope.hpp"
#include "apdu/shield.hpp"
#include "apdu/tlv.hpp"
#include "crypto/digest.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "wire/encoding.hpp"

namespace tf::apdu {
namespace {

using test::must;

PaymentStructure sample() {
  return {.domain = "pay.example", .payee = "bookshop", .amount = 1999, .currency = "EUR", .order = "2026-17", .subject = "Bücher 书", .nonce = {1, 2, 3}, .expires_ms = 1'793'491'200'000};
}

TEST(PaymentStructure, has_one_encoding) {
  const Bytes octets = must(sample().encode());
  EXPECT_EQ(must(PaymentStructure::parse(octets)), sample());
  EXPECT_EQ(wire::hex_lower(ByteView(octets).first(24)), "c00b7061792e6578616d706c65c1077061796d656e74c208");
  // The first length in two octets means the same, and is refused.
  Bytes padded = octets;
  padded.insert(padded.begin() + 1, 0x81);
  EXPECT_REFUSED(PaymentStructure::parse(padded), Code::malformed, "cardsign.structure");
}

TEST(PaymentStructure, refuses_every_cut_and_what_follows) {
  Bytes octets = must(sample().encode());
  for (std::size_t size = 0; size < octets.size(); ++size) EXPECT_FALSE(PaymentStructure::parse(ByteView(octets).first(size)).has_value()) << size;
  octets.push_back(0);
  EXPECT_FALSE(PaymentStructure::parse(octets).has_value());
}

TEST(PaymentStructure, refuses_members_out_of_bounds) {
  const auto refuses = [](auto change) {
    PaymentStructure it = sample();
    change(it);
    EXPECT_REFUSED(it.encode(), Code::invalid, "cardsign.structure");
  };
  refuses([](auto& it) { it.domain = ""; });
  refuses([](auto& it) { it.domain = std::string(65, 'a'); });
  refuses([](auto& it) { it.payee = "a\nb"; });
  refuses([](auto& it) { it.payee = ""; });
  refuses([](auto& it) { it.amount = 0; });
  refuses([](auto& it) { it.currency = "eur"; });
  refuses([](auto& it) { it.currency = "EURO"; });
  refuses([](auto& it) { it.order = ""; });
  refuses([](auto& it) { it.subject = std::string(129, 'a'); });
  refuses([](auto& it) { it.subject = "\xC0\xAF"; });      // longer than needed
  refuses([](auto& it) { it.subject = "\xED\xA0\x80"; });  // a surrogate
  refuses([](auto& it) { it.subject = "\xC2\x85"; });      // a control
  refuses([](auto& it) { it.subject = "caf\xE9"; });
  refuses([](auto& it) { it.expires_ms = -1; });
}

TEST(PaymentStructure, refuses_another_purpose_and_another_order_of_members) {
  Bytes octets = must(sample().encode());
  octets[15] = 'q';
  EXPECT_REFUSED(PaymentStructure::parse(octets), Code::malformed, "cardsign.structure");
  octets = must(sample().encode());
  octets[0] = 0xC2;
  EXPECT_REFUSED(PaymentStructure::parse(octets), Code::malformed, "cardsign.structure");
}

TEST(PaymentStructure, what_is_signed_depends_on_all_of_it) {
  const Bytes m = must(sample().encode());
  const CardNonce nonce{7};
  const Bytes t = signed_payment("CARD-1", m, nonce, 3);
  EXPECT_NE(t, signed_payment("CARD-2", m, nonce, 3));
  EXPECT_NE(t, signed_payment("CARD-1", m, {8}, 3));
  EXPECT_NE(t, signed_payment("CARD-1", m, nonce, 4));
  EXPECT_EQ(wire::hex_lower(ByteView(t).first(30)), "00000010636172647369676e207061796d656e7400000006434152442d31");
  EXPECT_EQ(wire::hex_lower(ByteView(signed_hash("CARD-1", m, nonce, 3)).first(17)), "0000000d636172647369676e2068617368");
}

struct Envelope {
  crypto::PrivateKey channel = crypto::PrivateKey::generate_p256();
  CardNonce nonce{9, 9};
  Hash256 bound = crypto::sha256(as_bytes("M"));
  PinLetter letter() const { return {.serial = "CARD-1", .container = 2, .pin = must(pin_block("123456")), .bound_to = bound, .nonce = nonce}; }
  Bytes sealed(const PinLetter& it) const { return must(seal_pin(it, channel.public_key())); }
  Result<PinLetter> open(ByteView octets, const CardNonce& expected) const {
    return open_pin(octets, channel.public_key().point(), expected, [&](const crypto::PublicKey& peer) { return crypto::ecdh_p256(channel, peer); });
  }
};

TEST(PinEnvelope, brings_the_pin_to_the_card) {
  const Envelope it;
  const PinLetter opened = must(it.open(it.sealed(it.letter()), it.nonce));
  EXPECT_TRUE(matches(opened, "CARD-1", 2, it.bound, it.nonce, false));
  EXPECT_EQ(opened.pin, must(pin_block("123456")));
  EXPECT_FALSE(matches(opened, "CARD-2", 2, it.bound, it.nonce, false));
  EXPECT_FALSE(matches(opened, "CARD-1", 0, it.bound, it.nonce, false));
  EXPECT_FALSE(matches(opened, "CARD-1", 2, crypto::sha256(as_bytes("other")), it.nonce, false));
  EXPECT_FALSE(matches(opened, "CARD-1", 2, it.bound, {}, false));
  EXPECT_FALSE(matches(opened, "CARD-1", 2, it.bound, it.nonce, true));
}

TEST(PinEnvelope, brings_a_puk_when_there_is_one) {
  const Envelope it;
  PinLetter letter = it.letter();
  letter.puk = must(pin_block("87654321"));
  const PinLetter opened = must(it.open(it.sealed(letter), it.nonce));
  ASSERT_TRUE(opened.puk.has_value());
  EXPECT_EQ(*opened.puk, *letter.puk);
}

TEST(PinEnvelope, another_nonce_another_card_and_every_altered_bit_are_one_refusal) {
  const Envelope it, other;
  const Bytes sealed = it.sealed(it.letter());
  EXPECT_REFUSED(it.open(sealed, {1}), Code::refused, "cardsign.envelope");
  EXPECT_REFUSED(other.open(sealed, it.nonce), Code::refused, "cardsign.envelope");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes altered = sealed;
    altered[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_REFUSED(it.open(altered, it.nonce), Code::refused, "cardsign.envelope");
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{65}, std::size_t{81}, sealed.size() - 1})
    EXPECT_REFUSED(it.open(ByteView(sealed).first(size), it.nonce), Code::refused, "cardsign.envelope");
}

TEST(PinEnvelope, two_of_the_same_pin_do_not_look_alike) {
  const Envelope it;
  EXPECT_NE(it.sealed(it.letter()), it.sealed(it.letter()));
}

TEST(PinEnvelope, pins_are_4_to_8_characters) {
  EXPECT_EQ(wire::hex_lower(must(pin_block("1234")).reveal()), "31323334ffffffff");
  for (const char* bad : {"", "123", "123456789", "12 4", "12\x01" "4"}) EXPECT_REFUSED(pin_block(bad), Code::invalid, "cardsign.pin");
}

TEST(ShieldCommands, are_read_as_they_were_built) {
  using namespace shield;
  const EnrolmentNonce nonce{5};
  const GenerateKey generate = must(parse_generate_key(generate_key(Slot::payment, shield::Algorithm::rsa2048, nonce).data));
  EXPECT_EQ(generate.algorithm, shield::Algorithm::rsa2048);
  EXPECT_EQ(generate.nonce, nonce);
  const Bytes m(300, 1), e(200, 2);
  const CommandApdu sign = sign_payment(m, e);
  const SignCommand read = must(parse_sign_payment(sign.data));
  EXPECT_EQ(to_bytes(read.content), m);
  EXPECT_EQ(to_bytes(read.envelope), e);
  EXPECT_REFUSED(parse_sign_hash(sign.data), Code::malformed, "cardsign.command");
  EXPECT_EQ(must(parse_sign_hash(sign_hash(Hash256{1}, e).data)).content.size(), 32u);
  EXPECT_EQ(to_bytes(must(parse_store_certificate(store_certificate(Slot::card, m).data))), m);
  EXPECT_EQ(to_bytes(must(parse_envelope(reset_retry_counter(e).data))), e);
  const CommandApdu create = create_container(3, Bytes(16, 1), Bytes(16, 2));
  EXPECT_EQ(to_bytes(must(parse_create_container(create.data)).puk), Bytes(16, 2));
}

TEST(ShieldCommands, answers_come_back_as_they_were_given) {
  using namespace shield;
  const Prepared prepared{{1, 2}, 77};
  EXPECT_EQ(must(read_prepared(encode_prepared(prepared))).counter, 77u);
  EXPECT_EQ(must(read_signed(encode_signed({78, Bytes(70, 3)}))).signature, Bytes(70, 3));
  EXPECT_EQ(must(read_tries(encode_tries({3, 5}))).puk, 5u);
  EXPECT_EQ(must(read_chain(encode_chain({Bytes(3), Bytes(200)}))).size(), 2u);
  PaymentRecord record{.counter = 4, .container = 1, .structure = Bytes(20, 7)};
  EXPECT_EQ(must(read_payment_record(record.encode())).structure, Bytes(20, 7));
  record.hash = Hash256{9};
  EXPECT_EQ(must(read_payment_record(record.encode())).hash, record.hash);
  EXPECT_EQ(must(read_serial(as_bytes("TF-0001"))), "TF-0001");
}

TEST(ShieldCommands, answers_that_are_cut_or_longer_are_refused) {
  using namespace shield;
  const auto refuses = [](Bytes octets, auto read) {
    for (std::size_t size = 0; size < octets.size(); ++size) EXPECT_FALSE(read(ByteView(octets).first(size)).has_value()) << size;
    octets.push_back(0);
    EXPECT_FALSE(read(ByteView(octets)).has_value());
  };
  refuses(encode_prepared({{1}, 2}), read_prepared);
  refuses(encode_signed({1, Bytes(64)}), read_signed);
  refuses(encode_tries({1, 2}), read_tries);
  refuses(PaymentRecord{.counter = 1, .structure = Bytes(9)}.encode(), read_payment_record);
  for (const char* bad : {"", "abc", "TF_1", "123456789012345678901"}) EXPECT_REFUSED(read_serial(as_bytes(bad)), Code::malformed, "cardsign.answer");
}

TEST(ShieldCommands, slots_have_numbers_and_names) {
  using namespace shield;
  for (const char* name : {"payment", "authentication", "card", "signature", "encryption", "hash"}) {
    const auto slot = slot_named(name);
    ASSERT_TRUE(slot.has_value());
    EXPECT_EQ(name_of(*slot), name);
    EXPECT_EQ(slot_of(static_cast<std::uint8_t>(*slot)), slot);
  }
  EXPECT_FALSE(slot_of(0x9B).has_value());
  EXPECT_FALSE(slot_named("pin").has_value());
}

}  // namespace
}  // namespace tf::apdu
