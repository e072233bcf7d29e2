// tool milenage: every output of Milenage for one RAND and SQN, to compare a USIM or an HLR with.
#include <algorithm>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/secret_argument.hpp"
#include "crypto/aka/milenage.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

struct MilenageArgs {
  std::string k, op, opc, rand, sqn, amf;
};

template <std::size_t N>
Result<Secret<N>> sized(const std::string& argument, const char* option) {
  TF_CHECK(need(argument, option));
  const SecretBytes bytes = TF_TRY(secret_argument(argument, option));
  if (bytes.size() != N)
    return Error{Code::invalid, "cli.size", std::string(option) + " has " + std::to_string(N) + " bytes, not " + std::to_string(bytes.size())};
  return Secret<N>(bytes.reveal().first<N>());
}

template <std::size_t N>
ByteArray<N> in_the_open(const Secret<N>& value) {
  ByteArray<N> out;
  std::ranges::copy(value.reveal(), out.begin());
  return out;
}

Status run_milenage(const MilenageArgs& args, Context& context) {
  if (args.op.empty() == args.opc.empty()) return Error{Code::invalid, "cli.option", "give --op or --opc, one of them"};
  crypto::MilenageKey key{TF_TRY(sized<16>(args.k, "--k")), {}};
  key.opc = args.opc.empty() ? crypto::milenage_opc(key.k, TF_TRY(sized<16>(args.op, "--op"))) : TF_TRY(sized<16>(args.opc, "--opc"));
  const auto rand = in_the_open(TF_TRY(sized<16>(args.rand, "--rand")));
  const auto sqn = in_the_open(TF_TRY(sized<6>(args.sqn, "--sqn")));
  const auto amf = in_the_open(TF_TRY(sized<2>(args.amf, "--amf")));
  const crypto::MilenageOutputs out = crypto::Milenage(key).outputs(rand, crypto::sqn_of_octets(sqn), amf);
  SecretBytes autn(16);
  for (std::size_t i = 0; i < sqn.size(); ++i) autn.reveal_mutable()[i] = sqn[i] ^ out.ak.reveal()[i];
  std::ranges::copy(amf, autn.reveal_mutable().begin() + 6);
  std::ranges::copy(out.mac_a.reveal(), autn.reveal_mutable().begin() + 8);
  const std::pair<const char*, ByteView> values[] = {
      {"mac_a", out.mac_a.reveal()}, {"mac_s", out.mac_s.reveal()}, {"res", out.res.reveal()},   {"ck", out.ck.reveal()},   {"ik", out.ik.reveal()},
      {"ak", out.ak.reveal()},       {"ak_s", out.ak_s.reveal()},   {"opc", key.opc.reveal()}, {"autn", autn.reveal()}};
  Facts facts;
  wire::JsonWriter writer;
  writer.begin_object();
  for (const auto& [name, value] : values) {
    facts.add(name, wire::hex_lower(value));
    writer.member(name, wire::hex_lower(value));
  }
  writer.end_object();
  if (context.json) {
    print_line(writer.text());
  } else {
    facts.print();
  }
  return {};
}

constexpr const char* kSecret = "16 bytes in hexadecimal digits, or @FILE that holds them, or - for standard input";

}  // namespace

void add_milenage(CommandLine& line, CLI::App& tool) {
  static MilenageArgs args;
  CLI::App& milenage = line.command(tool, "milenage",
      "Milenage (3GPP TS 35.206) of one subscription, RAND and SQN: MAC-A (f1), MAC-S (f1*), RES (f2), CK (f3), IK (f4), AK (f5), AK* (f5*), "
      "OPc and AUTN. MAC-S here is of this SQN and AMF; in an AUTS the AMF is 0000.",
      "trustferry tool milenage --k 465b5ce8b199b49faa5f0a2ee238a6bc --op cdc202d5123e20f62b6d676ac72cb318 --rand 23553cbe9637a89d218ae64dae47bf35 "
      "--sqn ff9bb4d0b607 --amf b9b9",
      [](Context& context) { return run_milenage(args, context); });
  milenage.add_option("--k", args.k, std::string("the subscription's key K, ") + kSecret);
  milenage.add_option("--op", args.op, std::string("the operator's OP, ") + kSecret);
  milenage.add_option("--opc", args.opc, std::string("or the subscription's OPc, ") + kSecret);
  milenage.add_option("--rand", args.rand, "16 bytes");
  milenage.add_option("--sqn", args.sqn, "6 bytes");
  milenage.add_option("--amf", args.amf, "2 bytes");
}

}  // namespace tf::cli
