// Decoders of messages: what was encoded comes back; another spelling, another member, another size is refused.
#include <fmt/format.h>

#include "protocols/rki/personalisation.hpp"
#include "tests/rki/faulty_line.hpp"

namespace tf::rki::test {
namespace {

constexpr const char* kMember = "wire.json_member";

Receipt a_receipt() { return {3, 1, {{Slot::tmk, "K1", "03", "AABBCC"}, {Slot::pin, "P0", "03", "001122"}}}; }

TEST(Messages, come_back_as_they_were) {
  const Hello hello{kDsn, {"modern", "newest"}, Nonce{1}, 7, {{0x30, 0x01}, {0x30, 0x02}}};
  const Hello hello_back = must(decode_hello(encode(hello)));
  EXPECT_EQ(hello_back.dsn, hello.dsn);
  EXPECT_EQ(hello_back.suites, hello.suites);
  EXPECT_EQ(hello_back.nonce, hello.nonce);
  EXPECT_EQ(hello_back.part, hello.part);
  EXPECT_EQ(hello_back.certificates, hello.certificates);

  const ServerHello greeting{SessionId{2}, Suite::classic, Nonce{3}, {{0x30, 0x03}}, {0x30, 0x04}};
  const ServerHello greeting_back = must(decode_server_hello(encode_classic(greeting))).hello;
  EXPECT_EQ(greeting_back.session, greeting.session);
  EXPECT_EQ(greeting_back.nonce, greeting.nonce);
  EXPECT_EQ(greeting_back.chain, greeting.chain);
  EXPECT_EQ(greeting_back.crl, greeting.crl);
  EXPECT_FALSE(greeting_back.ocsp);
  ServerHello stapled = greeting;
  for (const Bytes& staple : {Bytes{0x30, 0x05}, Bytes()}) {
    stapled.ocsp = staple;
    EXPECT_EQ(must(decode_server_hello(encode_classic(stapled))).hello.ocsp, staple);
  }
  stapled.ocsp = Bytes(8192);
  EXPECT_REASON(decode_server_hello(encode_classic(stapled)), kMember);

  const DeviceToken token{SessionId{4}, "token", Hash256{5}};
  EXPECT_EQ(must(decode_device_token(encode(token))).mac, token.mac);
  EXPECT_EQ(must(session_of(encode(token))), token.session);
  EXPECT_EQ(must(decode_receipt(encode(a_receipt()))).keys, a_receipt().keys);
  EXPECT_EQ(must(decode_ack(encode(Ack{1295, 99}))).set, 1295);
  const Delivery delivery{2, 1, 3, {{Slot::data, "D0144"}}};
  EXPECT_EQ(must(decode_delivery(encode(delivery))).keys.at(0).block, "D0144");
}

TEST(Messages, have_no_other_members_than_their_own) {
  for (const Suite suite : {Suite::classic, Suite::modern}) {
    Scene scene(suite);
    const Recording bodies = record(scene.platform, scene.device(kDsn, {suite}));
    const auto with_more = [&](int message) {
      return R"({"more":1,)" + bodies[static_cast<std::size_t>(message)].substr(1);
    };
    EXPECT_REASON(decode_hello(with_more(0)), kMember);
    EXPECT_REASON(decode_server_hello(with_more(1)), kMember);
    if (suite == Suite::classic) EXPECT_REASON(decode_classic_proof(with_more(2)), kMember);
    if (suite == Suite::modern) EXPECT_REASON(decode_modern_proof(with_more(2)), kMember);
    EXPECT_REASON(decode_server_token(with_more(3)), kMember);
    EXPECT_REASON(decode_device_token(with_more(4)), kMember);
    EXPECT_REASON(decode_wrapped(with_more(5), "delivery"), kMember);
    EXPECT_REASON(decode_session_message(with_more(6), "receipt"), kMember);
    EXPECT_REASON(decode_wrapped(with_more(7), "ack"), kMember);
  }
}

TEST(Messages, hold_no_more_than_they_may) {
  Hello hello{kDsn, {}, {}, 1, {}};
  hello.suites.assign(9, "modern");
  EXPECT_REASON(decode_hello(encode(hello)), kMember);
  hello.suites.assign(1, std::string(17, 'm'));
  EXPECT_REASON(decode_hello(encode(hello)), kMember);
  hello.suites = {"modern"};
  hello.certificates.assign(5, Bytes{0x30});
  EXPECT_REASON(decode_hello(encode(hello)), kMember);
  hello.certificates.assign(1, Bytes(5000));
  EXPECT_REASON(decode_hello(encode(hello)), kMember);
  hello.certificates.clear();
  for (const std::int64_t part : {-1, 0, 100}) {
    hello.part = part;
    EXPECT_REASON(decode_hello(encode(hello)), kMember);
  }
  EXPECT_REASON(decode_hello(std::string(25 * 1024, ' ')), "wire.json_too_large");
  EXPECT_REASON(decode_hello(R"({"dsn":"TF10000001","dsn":"TF10000001"})"), "wire.json_syntax");
}

TEST(Messages, name_slots_and_suites_in_one_spelling) {
  for (const char* slot : {"TMK", "tmk ", "", "zone"}) {
    EXPECT_REASON(
        decode_delivery(fmt::format(R"({{"set":1,"part":1,"of":1,"keys":[{{"slot":"{}","block":""}}]}})", slot)),
        "rki.unknown_slot");
    EXPECT_REASON(parse_slot(slot), "rki.unknown_slot");
  }
  for (const char* suite : {"Modern", "sm", "", "modern+classic"})
    EXPECT_REASON(parse_suite(suite), "rki.unknown_suite");
}

TEST(Messages, of_the_factory_come_back_as_they_were) {
  const PersonalisationRequest request{kDsn, {0x30, 0x00}};
  EXPECT_EQ(must(decode_personalisation_request(encode(request))).certificate_request, request.certificate_request);
  Personalisation given;
  given.suites = {Suite::modern, Suite::classic};
  given.chain = {{0x30, 0x01}};
  given.root = {0x30, 0x02};
  const Personalisation back = must(decode_personalisation(encode(given)));
  EXPECT_EQ(back.suites, given.suites);
  EXPECT_EQ(back.chain, given.chain);
  EXPECT_EQ(back.root, given.root);
  EXPECT_EQ(must(decode_stored(encode_stored(Hash256{9}))), Hash256{9});
}

PersonalisationSecrets secrets_of(std::size_t factor, std::size_t classic, std::size_t modern) {
  const auto filled = [](std::size_t size, std::uint8_t with) { return SecretBytes(ByteView(Bytes(size, with))); };
  return {filled(factor, 1), filled(classic, 2), filled(modern, 3)};
}

TEST(Messages, of_the_factory_bring_its_secrets_in_a_frame_of_their_own) {
  for (const auto& [classic, modern] : {std::pair(24, 32), std::pair(0, 32), std::pair(24, 0)}) {
    const PersonalisationSecrets given = secrets_of(16, static_cast<std::size_t>(classic), static_cast<std::size_t>(modern));
    const PersonalisationSecrets back = must(decode_personalisation_secrets(encode(given)));
    EXPECT_EQ(back.factor, given.factor);
    EXPECT_EQ(back.classic_dik2, given.classic_dik2);
    EXPECT_EQ(back.modern_dik2, given.modern_dik2);
  }
}

TEST(Messages, of_the_factory_refuse_secrets_of_another_size) {
  for (const auto& [factor, classic, modern] : {std::tuple(7, 24, 32), std::tuple(65, 24, 32), std::tuple(16, 23, 32), std::tuple(16, 25, 32), std::tuple(16, 24, 31), std::tuple(16, 24, 33)})
    EXPECT_FALSE(decode_personalisation_secrets(encode(secrets_of(static_cast<std::size_t>(factor), static_cast<std::size_t>(classic), static_cast<std::size_t>(modern)))));
  SecretBytes cut = encode(secrets_of(16, 24, 32));
  cut.shorten(cut.size() - 1);
  EXPECT_FALSE(decode_personalisation_secrets(cut));
}

TEST(Messages, of_the_factory_carry_refusals) {
  const Error refusal{Code::refused, "factory.no_batch", "no batch holds it"};
  EXPECT_FALSE(check_not_refused(encode_refusal(refusal)).has_value());
  EXPECT_OK(check_not_refused(encode_done()));
  EXPECT_FALSE(decode_personalisation(encode_refusal(refusal)).has_value());
}

}  // namespace
}  // namespace tf::rki::test
