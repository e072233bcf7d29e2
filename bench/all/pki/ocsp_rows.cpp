// pki.ocsp: an answer with a nonce, and one made ahead, beside their floors and openssl's responder.
#include "bench/all/measure.hpp"
#include "bench/all/pki/scene.hpp"
#include "bench/all/rows.hpp"

namespace tf::bench {
namespace {

const std::string kTbs(220, 't');  // of an answer about one certificate

double signature_cpu_us(const crypto::PrivateKey& key) {
  if (key.kind() == crypto::KeyKind::rsa) return cpu_us_per_call(500, [&] { crypto::sign_ps256(key, as_bytes(kTbs)).value(); });
  return cpu_us_per_call(4000, [&] { crypto::sign_es256(key, as_bytes(kTbs)).value(); });
}

double per_second(double cpu_us) { return 1e6 / cpu_us; }

Result<std::vector<Row>> delegate_rows(const std::string& directory, const std::string& program, crypto::KeyKind kind) {
  const bool rsa = kind == crypto::KeyKind::rsa;
  const std::string name = rsa ? "rsa" : "p256";
  const int answers = rsa ? 1500 : 6000;
  const auto scene = TF_TRY(OcspScene::make(directory + "/" + name, program, kind));
  const auto peer = TF_TRY(OcspPeer::make(directory + "/" + name + "-openssl", kind));
  const auto key = generated(kind);
  std::vector<std::vector<Row>> rounds;
  for (int round = 1; round <= kRounds; ++round) {
    say(fmt::format("pki.ocsp.{}, {} of {}", name, round, kRounds));
    const double bare = TF_TRY(scene->bare_cpu_us());
    const double signature = signature_cpu_us(key);
    const double nonce = TF_TRY(scene->answer_cpu_us(true, answers));
    const double theirs = TF_TRY(peer->answer_cpu_us(rsa ? 800 : 1500));
    std::vector<Row>& rows = rounds.emplace_back(std::vector<Row>{{"term.pki.request." + name, bare, "us", 0, "lower"},
                                                                  {"term.pki.signature." + name, signature, "us", 0, "lower"},
                                                                  {"pki.ocsp." + name, nonce, "us", bare + signature, "lower"},
                                                                  {"pki.ocsp." + name + ".peer", per_second(nonce), "1/s", per_second(theirs), "higher"}});
    if (!rsa) rows.push_back({"pki.ocsp.cached", TF_TRY(scene->answer_cpu_us(false, 12'000)), "us", bare, "lower"});
  }
  return middle(rounds);
}

}  // namespace

Result<std::vector<Row>> ocsp_rows(const std::string& directory, const std::string& program) {
  std::vector<Row> rows = TF_TRY(delegate_rows(directory, program, crypto::KeyKind::rsa));
  for (Row& row : TF_TRY(delegate_rows(directory, program, crypto::KeyKind::p256))) rows.push_back(std::move(row));
  return rows;
}

}  // namespace tf::bench
