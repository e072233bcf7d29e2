// pki: answers about certificates (pki_ocsp_rows.cpp), issuance, revocation.
#include "bench/all/pki/authority_scene.hpp"
#include "bench/all/rows.hpp"

namespace tf::bench {

Result<std::vector<Row>> ocsp_rows(const std::string& directory, const std::string& program);

namespace {

constexpr int kIssued = 3000;

Result<std::vector<Row>> issue_rows(const std::string& directory) {
  const auto scene = TF_TRY(AuthorityScene::make(directory + "/issue"));
  const std::unique_ptr<IssuePeer> peer = is_installed("cfssl") ? TF_TRY(IssuePeer::make(directory + "/cfssl")) : nullptr;
  if (!peer) say("cfssl is not installed (apt-get install golang-cfssl): pki.issue.p256.peer is left out");
  std::vector<std::vector<Row>> rounds;
  for (int round = 1; round <= kRounds; ++round) {
    say(fmt::format("pki.issue, {} of {}", round, kRounds));
    const auto issued = TF_TRY(scene->issue(kIssued));
    const double crypto = issue_crypto_cpu_us();
    const double row = TF_TRY(issue_rows_cpu_us(fmt::format("{}/issue-{}.db", directory, round), static_cast<int>(issued.members_per_commit)));
    std::vector<Row>& rows = rounds.emplace_back(std::vector<Row>{{"term.pki.issue.crypto", crypto, "us", 0, "lower"},
                                                                  {"term.pki.issue.rows", row, "us", 0, "lower"},
                                                                  {"term.pki.issue.members", issued.members_per_commit, "a commit", 0, "higher"},
                                                                  {"pki.issue.p256", issued.cpu_us, "us", crypto + row, "lower"}});
    if (peer) rows.push_back({"pki.issue.p256.peer", 1e6 / issued.cpu_us, "1/s", 1e6 / TF_TRY(peer->issue_cpu_us(kIssued)), "higher"});
  }
  return middle(rounds);
}

Result<std::vector<Row>> revoke_rows(const std::string& directory) {
  constexpr int kTurns = 9, kEach = 100;
  const auto few_there = TF_TRY(AuthorityScene::make(directory + "/few"));
  TF_CHECK(few_there->fill(1000));
  say("a million certificates");
  const auto many_there = TF_TRY(AuthorityScene::make(directory + "/million"));
  TF_CHECK(many_there->fill(1'000'000));
  std::vector<std::vector<Row>> turns;
  for (int turn = 1; turn <= kTurns; ++turn) {
    say(fmt::format("pki.revoke, {} of {}", turn, kTurns));
    const double few = TF_TRY(few_there->revoke_cpu_us(kEach));
    turns.push_back({{"pki.revoke.million", TF_TRY(many_there->revoke_cpu_us(kEach)), "us", few, "lower"}});
  }
  return middle(turns);
}

}  // namespace

Result<std::vector<Row>> pki_rows(const std::string& directory, const std::string& program, const std::string& only) {
  const auto wanted = [&only](std::string_view name) { return name.starts_with(only) || only.starts_with(name); };
  std::vector<Row> rows;
  const auto add = [&rows](std::vector<Row> more) {
    for (Row& row : more) rows.push_back(std::move(row));
  };
  if (wanted("pki.issue")) add(TF_TRY(issue_rows(directory)));
  if (wanted("pki.revoke")) add(TF_TRY(revoke_rows(directory)));
  if (wanted("pki.ocsp")) add(TF_TRY(ocsp_rows(directory, program)));
  return rows;
}

}  // namespace tf::bench
