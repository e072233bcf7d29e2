// A platform that does not prove itself (S315): each fault by name, with the exact reason the device must give. The
// device keeps nothing of it. Deliveries are in misbehaving_delivery_test.cpp.
#include "tests/rki/forge.hpp"
#include "tests/rki/misbehaviour.hpp"
#include "wire/encoding.hpp"

namespace tf::rki::test {
namespace {

constexpr std::int64_t kPlatformDayMs = 24LL * 3600 * 1000;
constexpr std::int64_t kPlatformNow = FixedClock::kStart;
FixedClock terminal_clock;  // the device's own, apart from the platform's

// The platform shows other certificates.
std::function<void(Scene&)> shows(const std::function<void(Scene&, TestCredentials&)>& change) {
  return [change](Scene& scene) {
    scene.platform.own_credentials = scene.estate.credentials;
    change(scene, *scene.platform.own_credentials);
  };
}

std::function<void(Scene&)> shows_work(const std::function<pki::Certificate(Scene&, const crypto::PublicKey&)>& issue) {
  return shows([issue](Scene& scene, TestCredentials& credentials) {
    for (WorkCertificate* work : {&credentials.classic, &credentials.modern})
      work->chain = {issue(scene, must(scene.estate.vault->public_key(work->key_name))).der()};
  });
}

std::function<void(Scene&)> at_day(std::int64_t day) {
  return [day](Scene& scene) {
    terminal_clock.set(FixedClock::kStart + day * kPlatformDayMs);
    scene.terminal.use_clock(terminal_clock);
  };
}

template <class Before>
std::function<void(Scene&)> replies(
    const std::function<void(Scene&, const Before&, std::string_view request, PlatformStep&)>& change) {
  return [change](Scene& scene) {
    scene.platform.tamper = [&scene, change](const PlatformState& before, std::string_view request,
                                             PlatformStep& step) {
      if (const auto* state = std::get_if<Before>(&before)) change(scene, *state, request, step);
    };
  };
}

std::function<void(Scene&)> greets(const std::function<void(ServerHello&)>& alter) {
  return replies<Ended>([alter](Scene& scene, const Ended&, std::string_view, PlatformStep& step) {
    if (scene.suite == Suite::modern) {
      step.reply = forge_server_hello(scene, step.reply, alter);
    } else {
      ServerHello hello = must(decode_server_hello(step.reply)).hello;
      alter(hello);
      step.reply = encode_classic(hello);
    }
  });
}

void add_certificates(std::vector<Misbehaviour>& out) {
  add_both(out, "under another root", greets([](ServerHello& hello) {
             DeterministicRandom random("other root");
             const Hierarchy other = Hierarchy::make("Other", kPlatformNow, random);
             const auto key = must(must(pki::Certificate::from_der(hello.chain.front())).public_key());
             hello.chain = {other.work(key, kRange, kPlatformNow, random).der()};
             hello.crl = other.crl(kPlatformNow);
           }),
           "pki.untrusted");
  add_both(out, "with a certificate for another use",
           shows_work([](Scene& scene, const crypto::PublicKey&) { return scene.estate.pki.estate_ca.certificate; }),
           "pki.wrong_usage");
  add_both(out, "with a device's certificate", shows([](Scene& scene, TestCredentials& credentials) {
             const auto chain = scene.device(kDsn, {Suite::modern}).identity.device_chain;
             for (WorkCertificate* work : {&credentials.classic, &credentials.modern})
               work->chain = {chain[0].der(), chain[1].der(), chain[2].der()};
           }),
           "pki.wrong_usage");
  add_both(out, "with the root itself",
           shows_work([](Scene& scene, const crypto::PublicKey&) { return scene.estate.pki.root.certificate; }),
           "pki.wrong_usage");
  const auto swapped = shows([](Scene&, TestCredentials& credentials) {
    std::swap(credentials.classic.chain, credentials.modern.chain);
    std::swap(credentials.classic.ocsp, credentials.modern.ocsp);
  });
  add_one(out, "with the certificate of the other suite", Suite::classic, swapped, "crypto.wrong_key");
  add_one(out, "with the certificate of the other suite", Suite::modern, swapped, "rki.server_signature");
  add_both(out, "for other serials", shows_work([](Scene& scene, const crypto::PublicKey& key) {
             return scene.estate.pki.work(key, "TF90000000..TF99999999", kPlatformNow, scene.platform_random);
           }),
           "pki.dsn_out_of_range");
  add_both(
      out, "with an expired certificate",
      [](Scene& scene) {
        shows_work([](Scene& of, const crypto::PublicKey& key) {
          return must(pki::issue_work_certificate(of.estate.pki.root, "work", key, {range(kRange)}, {kPlatformNow, 1},
                                                  of.platform_random));
        })(scene);
        at_day(2)(scene);
      },
      "pki.expired");
  add_both(out, "years later", at_day(2 * 365), "pki.expired");
  add_both(out, "before its time", at_day(-1), "pki.not_yet_valid");
  add_both(out, "with a revoked certificate", shows([](Scene& scene, TestCredentials& credentials) {
             std::vector<std::string> serials;
             for (const WorkCertificate* work : {&credentials.classic, &credentials.modern})
               serials.push_back(must(pki::Certificate::from_der(work->chain.front())).serial_hex());
             credentials.crl_der = scene.estate.pki.crl(kPlatformNow, serials);
           }),
           "pki.revoked");
  add_both(out, "with a stale revocation list", at_day(91), "pki.crl_expired");
  add_both(out, "without a certificate", greets([](ServerHello& hello) { hello.chain.clear(); }),
           "rki.no_work_certificate");
  add_both(out, "without a revocation list", greets([](ServerHello& hello) { hello.crl.clear(); }), "pki.crl");
  add_both(out, "with another's revocation list", greets([](ServerHello& hello) {
             DeterministicRandom random("other list");
             hello.crl = Hierarchy::make("Other", kPlatformNow, random).crl(kPlatformNow);
           }),
           "pki.crl_untrusted");
}

void add_greetings(std::vector<Misbehaviour>& out) {
  add_one(out, "that chooses classic unasked", Suite::modern,
          replies<Ended>([](Scene&, const Ended&, std::string_view, PlatformStep& step) {
            ServerHello hello = must(decode_server_hello(step.reply)).hello;
            hello.suite = Suite::classic;
            step.reply = encode_classic(hello);
          }),
          "rki.suite_not_offered");
  add_one(out, "that chooses modern unasked", Suite::classic,
          replies<Ended>([](Scene& scene, const Ended&, std::string_view, PlatformStep& step) {
            ServerHello hello = must(decode_server_hello(step.reply)).hello;
            hello.suite = Suite::modern;
            hello.chain = scene.estate.credentials.modern.chain;
            hello.ephemeral = crypto::PrivateKey::generate_p256().public_key().point();
            const auto sign = [&](ByteView data) { return scene.estate.vault->sign_es256(kModernWorkKey, data); };
            step.reply = encode_modern(
                hello, must(crypto::jws_sign_es256(sign, typ::server_hello, signed_payload(hello), hello.chain)));
          }),
          "rki.suite_not_offered");
  add_one(out, "that chooses a suite nobody knows", Suite::classic,
          replies<Ended>([](Scene&, const Ended&, std::string_view, PlatformStep& step) {
            step.reply.replace(step.reply.find("classic"), 7, "newest");
          }),
          "rki.unknown_suite");
  add_one(out, "that signed another hello of ours", Suite::modern,
          greets([](ServerHello& hello) { hello.transcript[0] ^= 1; }), "rki.downgrade");
  add_one(out, "that signs with another key", Suite::modern,
          replies<Ended>([](Scene& scene, const Ended&, std::string_view, PlatformStep& step) {
            const ServerHello hello = must(decode_server_hello(step.reply)).hello;
            const auto other = crypto::PrivateKey::generate_p256();
            step.reply = encode_modern(
                hello, must(crypto::jws_sign_es256(other, typ::server_hello, signed_payload(hello), hello.chain)));
            (void)scene;
          }),
          "rki.server_signature");
  add_one(out, "with an envelope for another conversation", Suite::modern,
          replies<Ended>([](Scene&, const Ended&, std::string_view, PlatformStep& step) {
            const ReceivedServerHello received = must(decode_server_hello(step.reply));
            ServerHello other = received.hello;
            other.session[0] ^= 1;
            step.reply = encode_modern(other, received.jws);
          }),
          "rki.server_hello");
  add_one(out, "with a point off the curve", Suite::modern,
          greets([](ServerHello& hello) { hello.ephemeral[64] ^= 1; }), "crypto.point");
}

void add_platform_tokens(std::vector<Misbehaviour>& out) {
  add_one(
      out, "with a token under another DIK2", Suite::classic,
      replies<ExpectProof>([](Scene& scene, const ExpectProof& state, std::string_view request, PlatformStep& step) {
        Transcript transcript = state.transcript;
        transcript.add(request);
        const auto& at_tk1 = std::get<ExpectToken>(step.next).at_tk1;
        const Bytes token = must(classic_seal_token(SecretBytes(std::size_t{24}), transcript.hash(),
                                                    scene.platform_random.array<8>(), at_tk1));
        step.reply = encode_server_token(wire::base64url(token));
      }),
      "rki.token_not_authentic");
  add_one(out, "with a token of another conversation", Suite::classic,
          replies<ExpectProof>([](Scene& scene, const ExpectProof& state, std::string_view, PlatformStep& step) {
            const auto& at_tk1 = std::get<ExpectToken>(step.next).at_tk1;
            const Bytes token = must(classic_seal_token(scene.terminal.identity.classic_dik2, state.transcript.hash(),
                                                        scene.platform_random.array<8>(), at_tk1));
            step.reply = encode_server_token(wire::base64url(token));
          }),
          "rki.token_not_authentic");
  add_one(out, "with a token that is too short", Suite::classic,
          replies<ExpectProof>([](Scene&, const ExpectProof&, std::string_view, PlatformStep& step) {
            step.reply = encode_server_token(wire::base64url(Bytes(80)));
          }),
          "rki.token_not_authentic");
  const auto seals = [](bool other_k, std::size_t size) {
    return replies<ExpectProof>(
        [other_k, size](Scene& scene, const ExpectProof& state, std::string_view request, PlatformStep& step) {
          Transcript transcript = state.transcript;
          transcript.add(request);
          const auto& next = std::get<ExpectToken>(step.next);
          const Secret<32> key =
              modern_subkey(other_k ? Secret<32>() : next.k->clone(), "rki server token", transcript.hash());
          step.reply = encode_server_token(
              crypto::jwe_seal_dir(key, scene.platform_random, typ::server_token, SecretBytes(size).reveal()));
        });
  };
  add_one(out, "with a token under another K", Suite::modern, seals(true, kAtSize + kModernTkSize), "crypto.aead");
  add_one(out, "with a token that is too short", Suite::modern, seals(false, kAtSize), "rki.token_size");
  add_one(out, "with a token that is too long", Suite::modern, seals(false, kAtSize + kModernTkSize + 1),
          "rki.token_size");
}

std::vector<Misbehaviour> of_platforms() {
  std::vector<Misbehaviour> out;
  add_certificates(out);
  add_greetings(out);
  add_platform_tokens(out);
  return out;
}

class MisbehavingPlatform : public ::testing::TestWithParam<Misbehaviour> {};
INSTANTIATE_TEST_SUITE_P(Named, MisbehavingPlatform, ::testing::ValuesIn(of_platforms()), misbehaviour_name);

TEST_P(MisbehavingPlatform, is_refused_with_the_exact_reason) {
  Scene scene(GetParam().suite);
  GetParam().prepare(scene);
  const auto finished = scene.terminal.converse(1, scene.platform.exchange());
  EXPECT_REASON(finished, GetParam().reason.c_str());
  EXPECT_TRUE(scene.terminal.in_use.empty() && scene.terminal.arrived.empty());
  EXPECT_TRUE(scene.platform.actions.empty());
  expect_recovery(scene);
}

}  // namespace
}  // namespace tf::rki::test
