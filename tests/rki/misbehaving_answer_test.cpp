// What a terminal gets wrong after its proof (S320): token, receipt, order. Each fault by name, with the exact reason
// the audit trail must show.
#include "tests/rki/forge.hpp"
#include "tests/rki/misbehaviour.hpp"

namespace tf::rki::test {
namespace {

std::function<void(Scene&)> sends_token(const AlterBytes& alter) {
  return sends("token",
               [alter](Scene& scene, const TerminalState& before, std::string_view received, Outgoing& message) {
                 message.body = encode(forge_token(std::get<AwaitingToken>(before), received, scene.terminal.identity,
                                                   scene.terminal_random, alter));
               });
}

std::function<void(Scene&)> sends_receipt(const std::function<void(Receipt&)>& alter) {
  return sends("receipt", [alter](Scene&, const TerminalState& before, std::string_view received, Outgoing& message) {
    message.body = forge_receipt(std::get<AwaitingDelivery>(before), received, message.body, alter);
  });
}

void add_answer_tokens(std::vector<Misbehaviour>& out) {
  add_both(out, "with another AT", sends_token([](SecretBytes& plain) { plain.reveal_mutable()[0] ^= 1; }),
           "rki.wrong_at");
  add_both(out, "with an AT of zeros", sends_token([](SecretBytes& plain) {
             std::ranges::fill(plain.reveal_mutable().first(kAtSize), std::uint8_t{0});
           }),
           "rki.wrong_at");
  add_both(out, "with a token that is too short",
           sends_token([](SecretBytes& plain) { plain.shorten(plain.size() - 1); }), "rki.token_size");
  add_both(out, "with nothing but AT", sends_token([](SecretBytes& plain) { plain.shorten(kAtSize); }),
           "rki.token_size");
  add_one(out, "with another hash of TK", Suite::classic,
          sends_token([](SecretBytes& plain) { plain.reveal_mutable()[plain.size() - 1] ^= 1; }), "rki.wrong_tk_hash");
  add_one(out, "with another TK2 than it hashed", Suite::classic,
          sends_token([](SecretBytes& plain) { plain.reveal_mutable()[kAtSize] ^= 1; }), "rki.wrong_tk_hash");
  add_one(out, "without its confirming MAC", Suite::classic,
          sends("token",
                [](Scene&, const auto&, auto, Outgoing& message) {
                  DeviceToken token = must(decode_device_token(message.body));
                  token.mac.reset();
                  message.body = encode(token);
                }),
          "rki.token_size");
  add_one(out, "with a MAC where none belongs", Suite::modern,
          sends("token",
                [](Scene&, const auto&, auto, Outgoing& message) {
                  DeviceToken token = must(decode_device_token(message.body));
                  token.mac = Hash256{};
                  message.body = encode(token);
                }),
          "rki.token_size");
  add_one(out, "that heard another conversation", Suite::classic,
          sends("token",
                [](Scene&, const auto&, auto, Outgoing& message) {
                  DeviceToken token = must(decode_device_token(message.body));
                  (*token.mac)[5] ^= 1;
                  message.body = encode(token);
                }),
          "rki.transcript_differs");
}

void add_receipts(std::vector<Misbehaviour>& out) {
  const auto wrong = [&out](const std::string& name, const std::function<void(Receipt&)>& alter) {
    add_both(out, name, sends_receipt(alter), "rki.wrong_receipt");
  };
  wrong("with another KCV in its receipt", [](Receipt& receipt) { receipt.keys[0].kcv = "000000"; });
  wrong("with a KCV in another spelling", [](Receipt& receipt) {
    for (InstalledKey& key : receipt.keys)
      for (char& c : key.kcv) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  wrong("with another version in its receipt", [](Receipt& receipt) { receipt.keys[1].version = "02"; });
  wrong("with another usage in its receipt", [](Receipt& receipt) { receipt.keys[1].usage = "D0"; });
  wrong("with a key too few in its receipt", [](Receipt& receipt) { receipt.keys.pop_back(); });
  wrong("with a key twice in its receipt", [](Receipt& receipt) { receipt.keys.push_back(receipt.keys[0]); });
  wrong("with the keys in another order", [](Receipt& receipt) { std::swap(receipt.keys[0], receipt.keys[1]); });
  wrong("with an empty receipt", [](Receipt& receipt) { receipt.keys.clear(); });
  wrong("with the receipt of another set", [](Receipt& receipt) { receipt.set = 2; });
  wrong("with the receipt of another part", [](Receipt& receipt) { receipt.part = 2; });
  add_both(out, "with a receipt under another key",
           sends("receipt",
                 [](Scene&, const auto&, auto, Outgoing& message) {
                   const SessionMessage honest = must(decode_session_message(message.body, "receipt"));
                   message.body =
                       encode_wrapped(honest.session, "receipt", crypto::jws_sign_hs256(Hash256{}, typ::receipt, "{}"));
                 }),
           "crypto.jws");
  add_both(out, "with a receipt of another type",
           sends("receipt",
                 [](Scene&, const auto&, auto, Outgoing& message) {
                   const SessionMessage honest = must(decode_session_message(message.body, "receipt"));
                   message.body =
                       encode_wrapped(honest.session, "receipt", crypto::jws_sign_hs256(Hash256{}, typ::ack, "{}"));
                 }),
           "crypto.jose_header");
}

void add_disorder(std::vector<Misbehaviour>& out) {
  const auto on = [](std::string_view route, std::string_view instead) {
    return sends(route, [instead](Scene&, const auto&, auto, Outgoing& message) { message.route = instead; });
  };
  add_both(out, "that sends a token before its proof", on("proof", "token"), "rki.out_of_order");
  add_both(out, "that sends a receipt before its proof", on("proof", "receipt"), "rki.out_of_order");
  add_both(out, "that sends a receipt before its token", on("token", "receipt"), "rki.out_of_order");
  add_both(out, "that sends its proof twice", on("token", "proof"), "rki.out_of_order");
  add_both(out, "that sends its token twice", on("receipt", "token"), "rki.out_of_order");
  add_both(out, "on a route that does not exist", on("proof", "finish"), "rki.out_of_order");
  add_both(out, "in a conversation that never was",
           sends("proof", [](Scene& scene, const auto&, auto, Outgoing&) { scene.platform.conversations.clear(); }),
           "rki.session_unknown");
}

std::vector<Misbehaviour> of_answers() {
  std::vector<Misbehaviour> out;
  add_answer_tokens(out);
  add_receipts(out);
  add_disorder(out);
  return out;
}

class MisbehavingAnswer : public ::testing::TestWithParam<Misbehaviour> {};
INSTANTIATE_TEST_SUITE_P(Named, MisbehavingAnswer, ::testing::ValuesIn(of_answers()), misbehaviour_name);

TEST_P(MisbehavingAnswer, is_refused_with_the_exact_reason) { expect_refused_by_the_platform(GetParam()); }

// No fault: what counts is what the receipt says.
TEST(Receipt, may_be_spelt_otherwise) {
  for (const Suite suite : {Suite::classic, Suite::modern}) {
    Scene scene(suite);
    sends("receipt", [](Scene&, const TerminalState& before, std::string_view received, Outgoing& message) {
      message.body = respelt_receipt(std::get<AwaitingDelivery>(before), received, message.body);
    })(scene);
    EXPECT_FALSE(scene.terminal.converse(1, scene.platform.exchange()));  // the answer is to what was sent, not to what it wrote
    EXPECT_THAT(scene.platform.actions, ::testing::ElementsAre("rki.deliver", "rki.receipt")) << scene.platform.last_refusal;
    expect_recovery(scene);
  }
}

}  // namespace
}  // namespace tf::rki::test
