# Turns the JSON lines of gpu.sh into a table: a row per figure, with its ratio to wgrad's best of the same work.
function text(name,  at) {
    at = match($0, "\"" name "\": *\"[^\"]*\"")
    if (!at) return ""
    at = substr($0, RSTART, RLENGTH); sub("^\"" name "\": *\"", "", at); sub("\"$", "", at)
    return at
}
function number(name,  at) {
    at = match($0, "\"" name "\": *[-0-9.eE+]+")
    if (!at) return ""
    at = substr($0, RSTART, RLENGTH); sub("^\"" name "\": *", "", at)
    return at
}
function short(v) {
    if (v == "") return "-"
    v += 0
    return v < 10 ? sprintf("%.3f", v) : v < 1000 ? sprintf("%.1f", v) : sprintf("%.0f", v)
}
/"failed": *"/ { failures = failures "\n- **failed**: " text("failed"); next }
/"skipped": *"/ { failures = failures "\n- skipped: " text("skipped"); next }
/"copy_gb_per_s"/ {
    line = sprintf("\n- %s: %.0f GFLOP/s at best (%s), copy %.0f GB/s", text("setting"), number("gflops"), text("of"), number("copy_gb_per_s"))
    ceilings = ceilings line; next
}
/"type": *"end"/ { ends = ends sprintf("\n- %s: test accuracy %s, %s s, %s family", text("setting"), number("test_accuracy"), number("elapsed_s"), text("family")); next }
/"us_per_step"/ {
    n++
    peer[n] = text("peer"); ours[n] = (peer[n] == "" || peer[n] ~ /^wgrad/)
    what[n] = peer[n] == "" ? "wgrad " text("device") ", " text("family") ", " text("setting") (text("precision") == "mixed" ? ", mixed" : "") : peer[n]
    networks = number("networks"); layers = text("layers")
    work[n] = layers == "" ? text("workload") : (networks > 1 ? networks " x " : "") layers
    # Peers name the same work in another way.
    if (work[n] == "4096 x 2-2-2") work[n] = "4096 x article"
    if (work[n] ~ /^4096 x 4-8-3/) work[n] = "4096 x 4-8-3"
    batch[n] = number("batch"); us[n] = number("us_per_step"); device[n] = number("device_us_per_step")
    rows[n] = number("samples_per_s"); gflops[n] = number("gflops"); seconds[n] = number("seconds")
    key = work[n] SUBSEP batch[n]
    if (!(key in order)) { order[key] = ++keys; name[keys] = key }
    time = seconds[n] == "" ? us[n] / 1e6 : seconds[n]
    if (ours[n] && what[n] !~ /mixed/ && (!(key in best) || time < best[key])) best[key] = time
}
END {
    if (n) {
        print "| work | batch | what | us a step | on device | rows/s | GFLOP/s | seconds | wgrad / peer |"
        print "|---|---|---|---|---|---|---|---|---|"
    }
    for (k = 1; k <= keys; k++) for (i = 1; i <= n; i++) if (work[i] SUBSEP batch[i] == name[k]) {
        time = seconds[i] == "" ? us[i] / 1e6 : seconds[i]
        ratio = ours[i] || !(name[k] in best) ? "" : sprintf("%.2f", time / best[name[k]])
        printf "| %s | %s | %s | %s | %s | %.4g | %s | %s | %s |\n", work[i], batch[i], what[i], short(us[i]), short(device[i]), rows[i], short(gflops[i]), short(seconds[i]), ratio
    }
    if (ends ceilings failures != "") print ends ceilings failures
}
