#include "tests/card/shield_support.hpp"

#include <gtest/gtest.h>

#include "crypto/digest.hpp"
#include "crypto/handles.hpp"
#include "pki/asn1.hpp"

namespace tf::card::test {

using apdu::CommandApdu;
using apdu::ResponseApdu;

SecureHost::SecureHost(TestCard& card)
    : card_(card), session_(must(apdu::scp03::HostSession::begin(must(scp03_keys(card.services().memory)), card.random()))) {
  EXPECT_EQ(card.send(shield::select()).status, StatusWord::ok);
  const CommandApdu proof = must(session_.external_authenticate(card.send(session_.initialize_update())));
  must(session_.established(card.send(proof)));
}

ResponseApdu SecureHost::send(const CommandApdu& command) { return must(session_.unwrap(card_.send(must(session_.wrap(command))))); }

Bytes SecureHost::data(const CommandApdu& command) {
  ResponseApdu answer = send(command);
  EXPECT_EQ(answer.status, StatusWord::ok) << apdu::describe(answer.status);
  return std::move(answer.data);
}

StatusWord status(TestCard& card, const CommandApdu& command) { return card.send(command).status; }

Bytes data(TestCard& card, const CommandApdu& command) {
  ResponseApdu answer = card.send(command);
  EXPECT_EQ(answer.status, StatusWord::ok) << apdu::describe(answer.status);
  return std::move(answer.data);
}

Bytes certificate_for(const crypto::PublicKey& key, int serial) {
  const crypto::X509Handle out(X509_new());
  X509_set_version(out.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(out.get()), serial);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(out.get()), "CN", MBSTRING_ASC, reinterpret_cast<const std::uint8_t*>("alice"), -1, -1, 0);
  X509_set_issuer_name(out.get(), X509_get_subject_name(manufacturer().certificate.native()));
  X509_gmtime_adj(X509_getm_notBefore(out.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(out.get()), 86400);
  X509_set_pubkey(out.get(), key.native());
  EXPECT_GT(X509_sign(out.get(), manufacturer().key.native(), EVP_sha256()), 0);
  return pki::der_of<i2d_X509>(out.get());
}

crypto::PublicKey enrol(TestCard& card, Slot slot, shield::Algorithm algorithm, std::uint8_t container) {
  SecureHost host(card);
  host.data(shield::set_container(container));
  const auto key = must(crypto::PublicKey::from_spki(host.data(shield::generate_key(slot, algorithm, {7}))));
  host.data(shield::store_certificate(slot, certificate_for(key)));
  EXPECT_EQ(card.send(shield::select()).status, StatusWord::ok);  // ends the channel
  return key;
}

apdu::PaymentStructure payment(std::uint64_t amount) {
  return {.domain = "pay.example", .payee = "bookshop", .amount = amount, .currency = "EUR", .order = "2026-17", .subject = "A book", .nonce = {1, 2, 3}, .expires_ms = 1'793'491'200'000};
}

Bytes envelope(TestCard& card, const Letter& letter, const Hash256& bound_to, const apdu::CardNonce& nonce) {
  const auto channel = must(pki::Certificate::from_der(must(Result<Bytes>(to_bytes(*card.services().files.read_unchecked(kChannelCertificate))))));
  apdu::PinLetter out{.serial = letter.serial, .container = letter.container, .pin = must(apdu::pin_block(letter.pin)), .bound_to = bound_to, .nonce = nonce};
  if (!letter.puk.empty()) out.puk = must(apdu::pin_block(letter.puk));
  return must(apdu::seal_pin(out, must(channel.public_key())));
}

ResponseApdu pay(TestCard& card, const Letter& letter, std::uint64_t amount) {
  const auto prepared = must(shield::read_prepared(data(card, shield::prepare_payment())));
  const Bytes m = must(payment(amount).encode());
  return card.send(shield::sign_payment(m, envelope(card, letter, crypto::sha256(m), prepared.nonce)));
}

}  // namespace tf::card::test
