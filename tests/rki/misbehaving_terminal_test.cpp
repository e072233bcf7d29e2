// A terminal that does not prove itself (S320): each fault by name, with the exact reason the audit trail must show.
// Its later messages are in misbehaving_answer_test.cpp.
#include "tests/rki/forge.hpp"
#include "tests/rki/misbehaviour.hpp"

namespace tf::rki::test {
namespace {

std::function<void(Scene&)> has_factor_of(std::size_t size) {
  return [size](Scene& scene) { scene.terminal.identity.factor = SecretBytes(size); };
}

void edit(std::string& body, std::string_view from, std::string_view to) {
  body.replace(body.find(from), from.size(), to);
}

void add_strangers(std::vector<Misbehaviour>& out) {
  add_both(
      out, "of a serial that nobody knows",
      [](Scene& scene) { scene.terminal = scene.device(dsn("TF10000099"), {scene.suite}); }, "rki.unknown_dsn");
  add_both(
      out, "that is denied", [](Scene& scene) { scene.platform.terminals.at(kDsn.text()).record.denied = true; },
      "rki.denied_dsn");
  add_both(out, "that was denied during the conversation",
           sends("token", [](Scene& scene, const auto&, auto,
                             Outgoing&) { scene.platform.terminals.at(kDsn.text()).record.denied = true; }),
           "rki.denied_dsn");
  add_both(out, "whose batch has no DIK1", [](Scene& scene) { scene.platform.without_dik1 = true; }, "rki.no_dik1");
  add_both(out, "with a serial in another spelling",
           sends("hello",
                 [](Scene&, const auto&, auto, Outgoing& message) { edit(message.body, "TF10000001", "tf10000001"); }),
           "wire.dsn");
  add_both(out, "with a serial and a space",
           sends("hello",
                 [](Scene&, const auto&, auto, Outgoing& message) { edit(message.body, "TF10000001", "TF10000001 "); }),
           "wire.dsn");
  add_both(out, "that names no suite of ours",
           sends("hello", [](Scene& scene, const auto&, auto,
                             Outgoing& message) { edit(message.body, name_of(scene.suite), "newest"); }),
           "rki.no_common_suite");
  add_one(
      out, "with classic where the policy wants modern", Suite::classic,
      [](Scene& scene) { scene.platform.admit(kDsn, "modern"); }, "rki.no_common_suite");
  add_one(
      out, "with modern where the policy wants classic", Suite::modern,
      [](Scene& scene) { scene.platform.admit(kDsn, "classic"); }, "rki.no_common_suite");
  add_one(
      out, "with modern but without a certificate", Suite::modern,
      [](Scene& scene) { scene.terminal.identity.device_chain.clear(); }, "rki.no_common_suite");
  add_one(
      out, "with classic after it has used modern", Suite::classic,
      [](Scene& scene) { EXPECT_OK(scene.device(kDsn, {Suite::modern}).download(scene.platform.exchange(), 1)); },
      "rki.downgrade");
  add_one(
      out, "with a device key of its own after another was remembered", Suite::modern,
      [](Scene& scene) {
        EXPECT_OK(scene.terminal.download(scene.platform.exchange(), 1));
        scene.platform.actions.clear();
        scene.terminal = scene.second_device(kDsn);
      },
      "rki.other_device_key");
}

void add_proofs(std::vector<Misbehaviour>& out) {
  add_both(out, "with a factor that is too short", has_factor_of(kFactorMin - 1), "rki.wrong_factor");
  add_both(out, "with a factor that is too long", has_factor_of(kFactorMax + 1), "rki.wrong_factor");
  add_one(out, "with another factor", Suite::modern, has_factor_of(16), "rki.wrong_dik2");
  add_one(
      out, "with another DIK2", Suite::modern,
      [](Scene& scene) { scene.terminal.identity.modern_dik2->reveal_mutable()[31] ^= 1; }, "rki.wrong_dik2");
  add_one(out, "with a wrong MAC", Suite::modern,
          sends("proof",
                [](Scene&, const auto&, auto, Outgoing& message) {
                  ModernProof proof = must(decode_modern_proof(message.body));
                  proof.mac[0] ^= 1;
                  message.body = encode(proof);
                }),
          "rki.wrong_dik2");
  const auto sends_proof = [](const std::function<void(ProofPayload&)>& alter) {
    return sends(
        "proof", [alter](Scene& scene, const TerminalState& before, std::string_view received, Outgoing& message) {
          message.body = encode(forge_proof(std::get<AwaitingServerHello>(before), received, scene.terminal.identity,
                                            scene.terminal_random, alter, scene.terminal.identity.factor.reveal()));
        });
  };
  add_one(out, "that signed another transcript", Suite::modern,
          sends_proof([](ProofPayload& payload) { payload.transcript[0] ^= 1; }), "rki.transcript_differs");
  add_one(out, "with a point off the curve", Suite::modern,
          sends_proof([](ProofPayload& payload) { payload.ephemeral[64] ^= 1; }), "crypto.point");
  add_one(out, "with a factor sealed for another key", Suite::modern, sends_proof([](ProofPayload& payload) {
            payload.ephemeral = crypto::PrivateKey::generate_p256().public_key().point();
          }),
          "crypto.aead");
  add_one(out, "that signs with another key than its certificate's", Suite::modern,
          sends("proof",
                [](Scene& scene, const TerminalState& before, std::string_view received, Outgoing& message) {
                  scene.terminal.identity.device_key = crypto::PrivateKey::generate_p256();
                  message.body = encode(forge_proof(
                      std::get<AwaitingServerHello>(before), received, scene.terminal.identity, scene.terminal_random,
                      [](ProofPayload&) {}, scene.terminal.identity.factor.reveal()));
                }),
          "crypto.jws");
  add_one(out, "with a factor that is no RSA ciphertext", Suite::classic,
          sends("proof",
                [](Scene&, const auto&, auto, Outgoing& message) {
                  ClassicProof proof = must(decode_classic_proof(message.body));
                  proof.factor[200] ^= 1;
                  message.body = encode(proof);
                }),
          "crypto.oaep");
}

std::vector<Misbehaviour> of_terminals() {
  std::vector<Misbehaviour> out;
  add_strangers(out);
  add_proofs(out);
  return out;
}

class MisbehavingTerminal : public ::testing::TestWithParam<Misbehaviour> {};
INSTANTIATE_TEST_SUITE_P(Named, MisbehavingTerminal, ::testing::ValuesIn(of_terminals()), misbehaviour_name);

TEST_P(MisbehavingTerminal, is_refused_with_the_exact_reason) { expect_refused_by_the_platform(GetParam()); }

TEST(MisbehavingTerminals, are_refused_a_part_that_does_not_exist) {
  for (const Suite suite : {Suite::classic, Suite::modern}) {
    Scene scene(suite);
    EXPECT_FALSE(scene.terminal.converse(2, scene.platform.exchange()).has_value());
    EXPECT_EQ(scene.platform.last_refusal, "rki.no_such_part");
    EXPECT_TRUE(scene.platform.actions.empty());
    EXPECT_EQ(scene.platform.sets_of(kDsn), 0);
    expect_recovery(scene);
  }
}

}  // namespace
}  // namespace tf::rki::test
