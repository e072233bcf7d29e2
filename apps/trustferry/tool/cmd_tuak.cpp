// tool tuak: every output of TUAK for one RAND and SQN, to compare a USIM or an HLR with.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "apps/trustferry/tool/aka_values.hpp"
#include "crypto/aka/tuak.hpp"

namespace tf::cli {
namespace {

struct TuakArgs {
  AkaWords words;
  std::string top, topc;
  std::size_t mac = 64, res = 64, ck = 128, ik = 128;  // bits
  unsigned iterations = 1;
};

Result<std::size_t> octets_of(std::size_t bits, const char* option, std::initializer_list<std::size_t> sizes) {
  if (std::ranges::find(sizes, bits) != sizes.end()) return bits / 8;
  return Error{Code::invalid, "cli.size", fmt::format("{} is {} bits, not {}", option, fmt::join(sizes, " or "), bits)};
}

Status run_tuak(const TuakArgs& args, Context& context) {
  if (args.top.empty() == args.topc.empty()) return Error{Code::invalid, "cli.option", "give --top or --topc, one of them"};
  if (args.iterations < 1 || args.iterations > 255) return Error{Code::invalid, "cli.size", "--iterations is 1 to 255"};
  const crypto::TuakForm form{TF_TRY(octets_of(args.mac, "--mac", {64, 128, 256})), TF_TRY(octets_of(args.res, "--res", {32, 64, 128, 256})), TF_TRY(octets_of(args.ck, "--ck", {128, 256})),
                              TF_TRY(octets_of(args.ik, "--ik", {128, 256})), args.iterations};
  const SecretBytes k = TF_TRY(sized(args.words.k, "--k", {16, 32}));
  const Secret<32> topc = args.topc.empty() ? TF_TRY(crypto::tuak_topc(k, TF_TRY(sized<32>(args.top, "--top")), args.iterations)) : TF_TRY(sized<32>(args.topc, "--topc"));
  const AkaNumbers numbers = TF_TRY(numbers_of(args.words));
  const crypto::TuakOutputs out = TF_TRY(crypto::tuak_outputs(k, topc, numbers.rand, numbers.sqn, numbers.amf, form));
  const SecretBytes autn = autn_of(numbers, out.ak, out.mac_a.reveal());
  print_values({{"mac_a", out.mac_a.reveal()}, {"mac_s", out.mac_s.reveal()}, {"res", out.res.reveal()}, {"ck", out.ck.reveal()}, {"ik", out.ik.reveal()},
                {"ak", out.ak.reveal()}, {"ak_s", out.ak_s.reveal()}, {"topc", topc.reveal()}, {"autn", autn.reveal()}},
               context);
  return {};
}

}  // namespace

void add_tuak(CommandLine& line, CLI::App& tool) {
  static TuakArgs args;
  CLI::App& tuak = line.command(tool, "tuak",
      "TUAK (3GPP TS 35.231) of one subscription, RAND and SQN: MAC-A (f1), MAC-S (f1*), RES (f2), CK (f3), IK (f4), AK (f5), AK* (f5*), "
      "TOPc and AUTN, in all sizes of the standard. MAC-S here is of this SQN and AMF; in an AUTS the AMF is 0000.",
      "trustferry tool tuak --k abababababababababababababababab --top 5555555555555555555555555555555555555555555555555555555555555555 "
      "--rand 42424242424242424242424242424242 --sqn 111111111111 --amf ffff --res 32",
      [](Context& context) { return run_tuak(args, context); });
  add_words(tuak, args.words, "16 or 32 bytes");
  tuak.add_option("--top", args.top, std::string("the operator's TOP, 32 bytes") + kOrFile);
  tuak.add_option("--topc", args.topc, std::string("or the subscription's TOPc, 32 bytes") + kOrFile);
  tuak.add_option("--iterations", args.iterations, "of Keccak's permutation, 1 to 255")->capture_default_str();
  tuak.add_option("--mac", args.mac, "bits of MAC-A and MAC-S: 64, 128 or 256")->capture_default_str();
  tuak.add_option("--res", args.res, "bits of RES: 32, 64, 128 or 256")->capture_default_str();
  tuak.add_option("--ck", args.ck, "bits of CK: 128 or 256")->capture_default_str();
  tuak.add_option("--ik", args.ik, "bits of IK: 128 or 256")->capture_default_str();
}

}  // namespace tf::cli
