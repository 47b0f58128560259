;; The one loop in which the network spends its time: a convolution, four places and eight outputs at once.
;;
;; It is written by hand for 128-bit vectors, four floats each. kernel.js holds the same as bytes and the same in plain
;; JavaScript for browsers without vectors; test_widget.py translates this text anew and compares.
;;
;; For each place, out[o] = bias[o] + sum over the window of weight[o] * input, and never below `least`.
;;
;;   $from, $to   tables of addresses (i32), one for each place: where its window begins, where its outputs go.
;;                The number of places is a multiple of 4; a place may come twice.
;;   $weights     (blocks, runs * length, 8): the weights of eight outputs lie side by side, in the order of the window
;;   $runs        rows of a window; each is $length floats in a row, an even number, and $row bytes after the one before
(module
  (memory (export "memory") 1)
  (func (export "convolve")
    (param $places i32) (param $from i32) (param $to i32) (param $weights i32) (param $bias i32) (param $blocks i32)
    (param $runs i32) (param $length i32) (param $row i32) (param $least f32)
    (local $block i32) (local $place i32) (local $run i32) (local $end i32) (local $at i32) (local $w i32)
    (local $first i32) (local $floor v128) (local $low v128) (local $high v128) (local $x v128)
    (local $i0 i32) (local $i1 i32) (local $i2 i32) (local $i3 i32)  ;; where the four windows are read
    (local $a0 v128) (local $b0 v128) (local $a1 v128) (local $b1 v128)  ;; eight outputs (a, b) of four places
    (local $a2 v128) (local $b2 v128) (local $a3 v128) (local $b3 v128)
    (local.set $floor (f32x4.splat (local.get $least)))
    (loop $every_block
      (local.set $first (local.get $weights))
      (local.set $place (i32.const 0))
      (loop $every_four
        (local.set $w (local.get $first))
        (local.set $low (v128.load (local.get $bias)))
        (local.set $high (v128.load offset=16 (local.get $bias)))
        (local.set $a0 (local.get $low)) (local.set $b0 (local.get $high))
        (local.set $a1 (local.get $low)) (local.set $b1 (local.get $high))
        (local.set $a2 (local.get $low)) (local.set $b2 (local.get $high))
        (local.set $a3 (local.get $low)) (local.set $b3 (local.get $high))
        (local.set $at (i32.add (local.get $from) (i32.shl (local.get $place) (i32.const 2))))
        (local.set $i0 (i32.load (local.get $at)))
        (local.set $i1 (i32.load offset=4 (local.get $at)))
        (local.set $i2 (i32.load offset=8 (local.get $at)))
        (local.set $i3 (i32.load offset=12 (local.get $at)))
        (local.set $run (local.get $runs))
        (loop $every_run
          (local.set $end (i32.add (local.get $w) (i32.shl (local.get $length) (i32.const 5))))
          (loop $every_two
            (local.set $low (v128.load (local.get $w)))
            (local.set $high (v128.load offset=16 (local.get $w)))
            (local.set $x (v128.load32_splat (local.get $i0)))
            (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $x) (local.get $low))))
            (local.set $b0 (f32x4.add (local.get $b0) (f32x4.mul (local.get $x) (local.get $high))))
            (local.set $x (v128.load32_splat (local.get $i1)))
            (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $x) (local.get $low))))
            (local.set $b1 (f32x4.add (local.get $b1) (f32x4.mul (local.get $x) (local.get $high))))
            (local.set $x (v128.load32_splat (local.get $i2)))
            (local.set $a2 (f32x4.add (local.get $a2) (f32x4.mul (local.get $x) (local.get $low))))
            (local.set $b2 (f32x4.add (local.get $b2) (f32x4.mul (local.get $x) (local.get $high))))
            (local.set $x (v128.load32_splat (local.get $i3)))
            (local.set $a3 (f32x4.add (local.get $a3) (f32x4.mul (local.get $x) (local.get $low))))
            (local.set $b3 (f32x4.add (local.get $b3) (f32x4.mul (local.get $x) (local.get $high))))

            (local.set $low (v128.load offset=32 (local.get $w)))
            (local.set $high (v128.load offset=48 (local.get $w)))
            (local.set $x (v128.load32_splat offset=4 (local.get $i0)))
            (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $x) (local.get $low))))
            (local.set $b0 (f32x4.add (local.get $b0) (f32x4.mul (local.get $x) (local.get $high))))
            (local.set $x (v128.load32_splat offset=4 (local.get $i1)))
            (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $x) (local.get $low))))
            (local.set $b1 (f32x4.add (local.get $b1) (f32x4.mul (local.get $x) (local.get $high))))
            (local.set $x (v128.load32_splat offset=4 (local.get $i2)))
            (local.set $a2 (f32x4.add (local.get $a2) (f32x4.mul (local.get $x) (local.get $low))))
            (local.set $b2 (f32x4.add (local.get $b2) (f32x4.mul (local.get $x) (local.get $high))))
            (local.set $x (v128.load32_splat offset=4 (local.get $i3)))
            (local.set $a3 (f32x4.add (local.get $a3) (f32x4.mul (local.get $x) (local.get $low))))
            (local.set $b3 (f32x4.add (local.get $b3) (f32x4.mul (local.get $x) (local.get $high))))

            (local.set $i0 (i32.add (local.get $i0) (i32.const 8)))
            (local.set $i1 (i32.add (local.get $i1) (i32.const 8)))
            (local.set $i2 (i32.add (local.get $i2) (i32.const 8)))
            (local.set $i3 (i32.add (local.get $i3) (i32.const 8)))
            (local.set $w (i32.add (local.get $w) (i32.const 64)))
            (br_if $every_two (i32.lt_u (local.get $w) (local.get $end))))
          ;; to the next row of the window: its beginning is $row bytes after the beginning of this one
          (local.set $at (i32.sub (local.get $row) (i32.shl (local.get $length) (i32.const 2))))
          (local.set $i0 (i32.add (local.get $i0) (local.get $at)))
          (local.set $i1 (i32.add (local.get $i1) (local.get $at)))
          (local.set $i2 (i32.add (local.get $i2) (local.get $at)))
          (local.set $i3 (i32.add (local.get $i3) (local.get $at)))
          (local.set $run (i32.sub (local.get $run) (i32.const 1)))
          (br_if $every_run (local.get $run)))
        (local.set $at (i32.add (local.get $to) (i32.shl (local.get $place) (i32.const 2))))
        (local.set $end (i32.shl (local.get $block) (i32.const 5)))
        (local.set $run (i32.add (i32.load (local.get $at)) (local.get $end)))
        (v128.store (local.get $run) (f32x4.pmax (local.get $a0) (local.get $floor)))
        (v128.store offset=16 (local.get $run) (f32x4.pmax (local.get $b0) (local.get $floor)))
        (local.set $run (i32.add (i32.load offset=4 (local.get $at)) (local.get $end)))
        (v128.store (local.get $run) (f32x4.pmax (local.get $a1) (local.get $floor)))
        (v128.store offset=16 (local.get $run) (f32x4.pmax (local.get $b1) (local.get $floor)))
        (local.set $run (i32.add (i32.load offset=8 (local.get $at)) (local.get $end)))
        (v128.store (local.get $run) (f32x4.pmax (local.get $a2) (local.get $floor)))
        (v128.store offset=16 (local.get $run) (f32x4.pmax (local.get $b2) (local.get $floor)))
        (local.set $run (i32.add (i32.load offset=12 (local.get $at)) (local.get $end)))
        (v128.store (local.get $run) (f32x4.pmax (local.get $a3) (local.get $floor)))
        (v128.store offset=16 (local.get $run) (f32x4.pmax (local.get $b3) (local.get $floor)))
        (local.set $place (i32.add (local.get $place) (i32.const 4)))
        (br_if $every_four (i32.lt_u (local.get $place) (local.get $places))))
      (local.set $weights (local.get $w))
      (local.set $bias (i32.add (local.get $bias) (i32.const 32)))
      (local.set $block (i32.add (local.get $block) (i32.const 1)))
      (br_if $every_block (i32.lt_u (local.get $block) (local.get $blocks))))))
